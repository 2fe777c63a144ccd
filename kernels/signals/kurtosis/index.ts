import type { Signal } from "../signal.ts";

export const kurtosis = {
  name: "kurtosis",
  title: "Kurtosis",
  says: "fourth central moment over the squared second: 3 for a Gaussian, more with outliers",
  paper: null,
  needs: "values",
  byRecipe: false,
  additive: false,
  sums: "a ratio of each tensor by itself",
  tells: "more bits",
  none: "the tensor is empty, or holds one value only",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
