import { DAMP, feedbackOperations, ORDER } from "../solving/parameters.ts";
import { fitted } from "../step.ts";

export interface GptaqParams {
  damp: number;
  /** How much of the inputs' change is made up for. */
  alpha: number;
  order: "none" | "gram";
}

/** GPTQ with a second feedback, of what layers upstream did to the inputs. */
export const gptaq = fitted({
  entry: {
    name: "gptaq",
    place: "solver",
    describe:
      "GPTQ that also makes up for what layers upstream did to the inputs: needs the cross moment of inputs before and after",
    params: [
      DAMP,
      ORDER,
      {
        key: "alpha",
        kind: "number",
        min: 0,
        max: 1,
        default: 0.25,
        describe: "how much of the inputs' change is made up for",
      },
    ],
    paper: {
      title: "GPTAQ: efficient finetuning-free quantization for asymmetric calibration",
      where: "arXiv 2504.02692",
    },
  },
  plan(args, { rows, cols }) {
    const params: GptaqParams = {
      damp: args.number("damp") ?? 0.01,
      alpha: args.number("alpha") ?? 0.25,
      order: (args.word("order") ?? "none") as GptaqParams["order"],
    };
    return {
      params,
      needs: { reach: "matrix", calibration: "cross" },
      operations: 3 * feedbackOperations(rows, cols) + 4 * cols ** 3,
    };
  },
  work: async () => (await import("./work.ts")).work,
});
