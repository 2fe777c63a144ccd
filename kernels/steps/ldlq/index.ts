import { DAMP, feedbackOperations, ORDER } from "../solving/parameters.ts";
import { fitted } from "../step.ts";

export interface LdlqParams {
  damp: number;
  order: "none" | "gram";
}

/** Linear feedback from all columns before, by the LDL factors of the Gram matrix. */
export const ldlq = fitted({
  entry: {
    name: "ldlq",
    place: "solver",
    describe:
      "codes column by column, each with the best linear feedback from the errors before it: GPTQ in another form",
    columns: true,
    params: [DAMP, ORDER],
    paper: { title: "QuIP: 2-bit quantization of large language models with guarantees", where: "arXiv 2307.13304" },
  },
  plan(args, { rows, cols }) {
    const order = (args.word("order") ?? "none") as LdlqParams["order"];
    return {
      params: { damp: args.number("damp") ?? 0.01, order },
      needs: { reach: "matrix", calibration: "gram" },
      operations: feedbackOperations(rows, cols),
    };
  },
  work: async () => (await import("./work.ts")).work,
});
