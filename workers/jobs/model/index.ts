import type { ModelDescription } from "../../models/describe.ts";
import type { Job, Place } from "../job.ts";

export interface ModelRequest extends Place {
  source: string;
}

/** The language model in a source: its parts and where they lie, tokenizer, what it takes, and why it cannot be run where it cannot. */
export const model: Job<ModelRequest, ModelDescription> = {
  async work({ source }, workbench, { signal }) {
    const { describeModel } = await import("../../models/describe.ts");
    return describeModel(await workbench.source(source), () => workbench.model(source, signal));
  },
};
