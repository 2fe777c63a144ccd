import { sharedExponent } from "../shared-exponent.ts";
import { scaleRule } from "./scale-rule.ts";

/** The least power of two under which the largest magnitude still fits: NVIDIA's conversion to MX with rounding up. */
export const rceil = scaleRule({
  entry: {
    name: "rceil",
    describe: "power of two: amax over the format's largest value, rounded up (with e8m0 the same as :e8m0@up)",
    params: [],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: true },
  plan: (_, { ladder, divisor }) => ({
    params: {},
    finding: { kind: "extent" },
    exponent: sharedExponent("rceil", ladder, divisor),
  }),
  isRoundingUp: true,
});
