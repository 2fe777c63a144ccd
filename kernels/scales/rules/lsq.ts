import { LEARNING, learningOf } from "./learning.ts";
import { scaleRule } from "./scale-rule.ts";

/** Learned step size (LSQ, arXiv 1902.08153), on the error of the values themselves. The descent is in `learned.ts`. */
export const lsq = scaleRule({
  entry: {
    name: "lsq",
    describe: "scale learned by gradient descent from the plain rule's (LSQ): the best on its way is kept",
    params: LEARNING,
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan: (args) => learningOf("step", args),
});
