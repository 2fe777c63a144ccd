import type { Signal } from "../signal.ts";

export const entropy = {
  name: "entropy",
  title: "Entropy lost",
  says: "entropy that the recipe's codes lack against that of the values in 256 bins, as a share",
  paper: {
    title: "Value-driven mixed-precision quantization for patch-based inference on microcontrollers",
    where: "arXiv 2401.13714",
  },
  needs: "values",
  byRecipe: true,
  additive: false,
  sums: "a share of each tensor's own entropy",
  none: "the tensor is empty, or holds one value only",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
