import { fitted } from "../step.ts";

export interface ChanbiasParams {
  /** The largest exponent that a channel may differ by. */
  most: number;
  of: "inputs" | "columns";
}

/**
 * Exponent biases by channel (LLM-FP4's pre-shifted exponent bias): a channel of the inputs is raised by a power of two toward the loudest
 * one, at most 2^most (2^E - 1 for E exponent bits), and the weight's column lowered by it, which is exact. `columns` raises the columns of the
 * operand itself, as for a matrix of activations; the exponents are then stored.
 */
export const chanbias = fitted({
  entry: {
    name: "chanbias",
    place: "transform",
    describe:
      "moves powers of two from the weight's columns into quiet input channels, so that these are as loud as others",
    folds: "into the norm or layer that makes the input, shared by all weights that read it",
    params: [
      { key: "most", kind: "integer", min: 1, max: 30, default: 3, positional: true, describe: "largest exponent" },
      {
        key: "of",
        kind: "word",
        words: ["inputs", "columns"],
        default: "inputs",
        describe: "whose channels: the inputs' of a calibration, or the columns of the operand itself",
      },
    ],
    paper: { title: "LLM-FP4: 4-bit floating-point quantized transformers", where: "arXiv 2310.16836" },
  },
  plan(args) {
    const of = args.word("of") === "columns" ? "columns" : "inputs";
    return {
      params: { most: args.number("most") ?? 3, of } satisfies ChanbiasParams,
      needs: { reach: "matrix", calibration: of === "inputs" ? "channels" : "none" },
    };
  },
  work: async () => (await import("./work.ts")).work,
});
