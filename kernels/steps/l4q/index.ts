import { BATCH, learningOperations, SEED } from "../learning/parameters.ts";
import { fitted } from "../step.ts";

export interface L4qParams {
  steps: number;
  rank: number;
  rate: number;
  by: "lowrank" | "weights";
  batch: number;
  seed: number;
}

/**
 * L4Q: what is added to the weight before it is rounded, of low rank, and the step of each block, both learned on the outputs' error by
 * straight-through gradients (LSQ). Codes are those of the sum: nothing is stored beside them.
 */
export const l4q = fitted({
  entry: {
    name: "l4q",
    place: "solver",
    describe: "learns the step of each block, and what of low rank is added before rounding, on the outputs' error",
    params: [
      { key: "steps", kind: "integer", min: 1, max: 100_000, default: 200, positional: true, describe: "of Adam" },
      { key: "rank", kind: "integer", min: 0, max: 1024, default: 8, describe: "of what is added; 0: steps alone" },
      { key: "rate", kind: "number", min: 0.00001, max: 1, default: 0.005, describe: "learning rate" },
      {
        key: "by",
        kind: "word",
        words: ["lowrank", "weights"],
        default: "lowrank",
        describe: "what is added: of low rank, or any (straight-through gradients on the weights themselves)",
      },
      BATCH,
      { ...SEED, describe: "draws the batches and the first factor" },
    ],
    paper: {
      title: "L4Q: parameter efficient quantization-aware training on large language models via LoRA-wise LSQ",
      where: "arXiv 2402.04902",
    },
  },
  plan(args, { rows, cols }) {
    const of = (key: string, usual: number) => args.number(key) ?? usual;
    const params: L4qParams = {
      ...{ steps: of("steps", 200), rate: of("rate", 0.005), rank: Math.min(of("rank", 8), rows, cols) },
      ...{ by: (args.word("by") ?? "lowrank") as L4qParams["by"], batch: of("batch", 128), seed: of("seed", 0) },
    };
    return {
      params,
      needs: { reach: "matrix", calibration: "rows" },
      operations: learningOperations(rows, cols, params.steps, params.batch),
    };
  },
  work: async () => (await import("./work.ts")).work,
});
