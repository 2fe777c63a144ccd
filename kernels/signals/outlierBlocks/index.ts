import type { Signal } from "../signal.ts";

export const outlierBlocks = {
  name: "outlierBlocks",
  title: "Blocks with outliers",
  says: "share of tiles that hold a value beyond a Gaussian's quantile",
  paper: {
    title: "Value-driven mixed-precision quantization for patch-based inference on microcontrollers",
    where: "arXiv 2401.13714",
  },
  needs: "values",
  byRecipe: false,
  additive: false,
  sums: "a share of each tensor's own tiles",
  tells: "more bits",
  none: "the tensor is empty, or holds one value only",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
