import { feedbackOperations, ORDER } from "../solving/parameters.ts";
import { fitted } from "../step.ts";

export interface QronosParams {
  /** As a share of the Gram matrix's largest eigenvalue. */
  damp: number;
  order: "none" | "gram";
}

/** GPTQ for inputs that layers upstream have changed already. */
export const qronos = fitted({
  entry: {
    name: "qronos",
    place: "solver",
    describe:
      "makes up for what layers upstream did to the inputs, too: needs the cross moment of inputs before and after",
    params: [
      {
        key: "damp",
        kind: "number",
        min: 0,
        max: 100,
        default: 0.000001,
        positional: true,
        describe: "added to the Gram matrix's diagonal, as a share of its largest eigenvalue",
      },
      ORDER,
    ],
    paper: {
      title: "Qronos: correcting the past by shaping the future in post-training quantization",
      where: "arXiv 2505.11695",
    },
  },
  plan(args, { rows, cols }) {
    const params: QronosParams = {
      damp: args.number("damp") ?? 0.000001,
      order: (args.word("order") ?? "none") as QronosParams["order"],
    };
    return { params, needs: { reach: "matrix", calibration: "cross" }, operations: 7 * feedbackOperations(rows, cols) };
  },
  work: async () => (await import("./work.ts")).work,
});
