import { LEARNING, learningOf } from "./learning.ts";
import { scaleRule } from "./scale-rule.ts";

/** Learned clip (OmniQuant, arXiv 2308.13137; FlatQuant): a share of each end of the range, up to all of it. */
export const lclip = scaleRule({
  entry: {
    name: "lclip",
    describe: "share of the range learned by gradient descent, up to all of it (learned clipping)",
    params: LEARNING,
  },
  takes: { symmetric: true, affine: true, signed: false, scales: false },
  plan: (args) => learningOf("clip", args),
});
