import { EXTENT, scaleRule } from "./scale-rule.ts";

/** The plain rule of affine formats: both ends of a block just fit. */
export const minmax = scaleRule({
  entry: {
    name: "minmax",
    describe: "smallest and largest value, extended to hold zero (affine formats)",
    params: [],
  },
  takes: { symmetric: false, affine: true, signed: false, scales: false },
  plan: () => EXTENT,
});
