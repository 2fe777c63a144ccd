import { BATCH, learningOperations, SEED } from "../learning/parameters.ts";
import { fitted } from "../step.ts";

export interface AdaroundParams {
  steps: number;
  rate: number;
  /** Weight of what pushes each value to one of its two levels, beside the outputs' error. */
  reg: number;
  batch: number;
  seed: number;
}

const TOKENS = 32;

/**
 * Learned rounding: of the two levels around each weight, the one which makes the outputs' error least is found by gradient descent on a
 * rectified sigmoid between them, which is pushed to an end in the course of it.
 */
export const adaround = fitted({
  entry: {
    name: "adaround",
    place: "solver",
    describe: "learns for each weight whether it goes up or down, by gradients of the outputs' error",
    params: [
      { key: "steps", kind: "integer", min: 1, max: 100_000, default: 1000, positional: true, describe: "of Adam" },
      { key: "rate", kind: "number", min: 0.0001, max: 1, default: 0.03, describe: "learning rate" },
      { key: "reg", kind: "number", min: 0, max: 1000, default: 1, describe: "weight of the push to decisions" },
      // As AdaRound's own code has it: four times as many lessen the error by a tenth more, and take twice as long.
      { ...BATCH, default: TOKENS },
      SEED,
    ],
    paper: { title: "Up or down? Adaptive rounding for post-training quantization", where: "arXiv 2004.10568" },
  },
  plan(args, { rows, cols }) {
    const of = (key: string, usual: number) => args.number(key) ?? usual;
    const params: AdaroundParams = {
      ...{ steps: of("steps", 1000), rate: of("rate", 0.03), reg: of("reg", 1) },
      ...{ batch: of("batch", TOKENS), seed: of("seed", 0) },
    };
    return {
      params,
      needs: { reach: "matrix", calibration: "rows" },
      operations: learningOperations(rows, cols, params.steps, params.batch),
    };
  },
  work: async () => (await import("./work.ts")).work,
});
