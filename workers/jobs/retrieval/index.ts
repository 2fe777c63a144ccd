import type { RetrievalOptions } from "../../../kernels/embeddings/index.ts";
import type { SearchReport } from "../../embeddings/embeddings.ts";
import type { Target } from "../../runs/target.ts";
import type { Job } from "../job.ts";

export interface RetrievalRequest extends Omit<RetrievalOptions, "seed"> {
  target: Target;
  recipe: string;
  definitions: string[];
  /** Principal components that are kept before quantizing; null for the vectors as they are. */
  keep: number | null;
}

/** What queries are drawn by: the page shows one draw, and the same for A and B. */
const SEED = 0;

/** Whether rows of a tensor still find their neighbours behind a recipe: searched in the result at hand, or in one of fewer columns. */
export const retrieval: Job<RetrievalRequest, SearchReport> = {
  async work(request, workbench, control) {
    const { target, keep } = request;
    const { embeddings, searched } = await import("../../embeddings/embeddings.ts");
    const order = { ...request, seed: SEED, codes: false };
    const matrix = await workbench.matrix(target);
    if (keep !== null) return embeddings(matrix, order, workbench.backends, control);
    const run = await workbench.order(target, request);
    return workbench.runs.look(run, control, (quantized) => searched(matrix, quantized, null, order, control));
  },
};
