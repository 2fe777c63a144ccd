import type { DistilledModel, DistilSpec } from "../../distilled/distil.ts";
import type { Job } from "../job.ts";

/** Rows and seed are as usual where they are not said. */
export interface DistilRequest extends Partial<DistilSpec> {
  /** The open source that the model is in. */
  source: string;
}

export interface DistilAnswer extends Omit<DistilledModel, "pieces"> {
  /** Opens as any captured calibration. */
  file: Blob;
  name: string;
}

/** Inputs of a model's linear layers fitted to what its norms store, as a calibration's file (ZeroQ). */
export const distil: Job<DistilRequest, DistilAnswer> = {
  async work({ source, ...spec }, workbench, control) {
    const [{ distilModel, USUAL_DISTIL }, model] = await Promise.all([
      import("../../distilled/distil.ts"),
      workbench.model(source, control.signal),
    ]);
    const { pieces, ...told } = await distilModel(model, { ...USUAL_DISTIL, ...spec }, control);
    return { ...told, file: new Blob(pieces), name: `${model.source.info.label} distilled.safetensors` };
  },
};
