import { factorOf, mean, multipleOf, OPTIONAL_FACTOR } from "./clip.ts";
import { scaleRule } from "./scale-rule.ts";

const DEVIATION = `
def deviation(v):
    """The standard deviation about the mean, of the values as a whole."""
    if not len(v):
        return 0.0
    d = v - np.cumsum(v)[-1] / len(v)
    return math.sqrt(np.cumsum(d * d)[-1] / len(v))
`;

/** The standard deviation about the mean, of the values as a whole: over n, not n - 1. */
function deviation(values: Float32Array): number {
  const center = mean(values, (x) => x);
  return Math.sqrt(mean(values, (x) => (x - center) * (x - center)));
}

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
