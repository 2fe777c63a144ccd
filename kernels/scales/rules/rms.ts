import { factorOf, mean, multipleOf, OPTIONAL_FACTOR, pythonMean } from "./clip.ts";
import { scaleRule } from "./scale-rule.ts";

/** A multiple of the root mean square of a block. */
export const rms = scaleRule({
  entry: {
    name: "rms",
    describe:
      "a multiple of the root mean square, about zero and not about the mean; without a factor, the clip that is optimal for a Gaussian",
    params: [OPTIONAL_FACTOR],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan: (args, of) =>
    multipleOf(factorOf("rms", args, of), {
      of: (values) => Math.sqrt(mean(values, (x) => x * x)),
      python: `math.sqrt${pythonMean("v * v")}`,
    }),
  remark: () => "the root mean square is about zero: it is not the standard deviation",
  offers: ["rms"],
});
