import { DEVIATION, deviation, factorOf, multipleOf, OPTIONAL_FACTOR } from "./clip.ts";
import { scaleRule } from "./scale-rule.ts";

/** A multiple of the standard deviation of a block. */
export const std = scaleRule({
  entry: {
    name: "std",
    describe:
      "a multiple of the standard deviation about the block's mean; without a factor, the clip that is optimal for a Gaussian",
    params: [OPTIONAL_FACTOR],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan: (args, of) =>
    multipleOf(factorOf("std", args, of), { of: deviation, python: "deviation(v)", functions: [DEVIATION] }),
  offers: ["std"],
});
