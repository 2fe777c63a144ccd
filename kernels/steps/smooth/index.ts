import { fitted } from "../step.ts";

export interface SmoothParams {
  alpha: number;
  /** Per cent of the tokens kept that lie within what a channel is scaled by; 100 is the largest magnitude of all tokens. */
  pct: number;
  /** Whether the middle of each channel's range is taken off first. */
  by: "plain" | "centred";
}

/**
 * SmoothQuant: the weight's columns are multiplied and its inputs divided by s = max|x|^alpha / max|w|^(1 - alpha), channel by channel,
 * so that the inputs' outliers become the weight's. It folds into the norm or layer that makes the input, where all weights which read
 * that input have to share it; nothing of it is stored.
 *
 * Centred (MPTQ-ViT's SQ-b, arXiv 2401.14895), the middle of each channel's range goes first, b = (max + min) / 2, and x becomes
 * (x - b) / s: what makes the input takes on -b / s, and the outputs a bias W b, which is exact but for its rounding to float32, and is
 * counted.
 */
export const smooth = fitted({
  entry: {
    name: "smooth",
    place: "transform",
    describe: "moves the outliers of input channels into the weight's columns",
    folds: "into the norm or layer that makes the input, shared by all weights that read it",
    params: [
      {
        key: "alpha",
        kind: "number",
        min: 0,
        max: 1,
        default: 0.5,
        positional: true,
        describe: "how much of the inputs' range moves: 0 nothing of it, 1 all",
      },
      {
        key: "pct",
        kind: "number",
        min: 50,
        max: 100,
        default: 100,
        describe: "percentile of |x| by channel in place of the largest magnitude",
      },
      {
        key: "by",
        kind: "word",
        words: ["plain", "centred"],
        default: "plain",
        describe:
          "plain: x / s; centred: (x - b) / s with the middle b of each channel's range, for inputs far from zero; the outputs then get a bias W b",
      },
    ],
    paper: { title: "SmoothQuant", where: "arXiv 2211.10438" },
  },
  plan: (args) => ({
    params: {
      alpha: args.number("alpha") ?? 0.5,
      pct: args.number("pct") ?? 100,
      by: (args.word("by") ?? "plain") as SmoothParams["by"],
    } satisfies SmoothParams,
    needs: { reach: "matrix", calibration: (args.number("pct") ?? 100) < 100 ? "rows" : "channels" },
  }),
  work: async () => (await import("./work.ts")).work,
});
