import type { Signal } from "../signal.ts";

export const valueEntropy = {
  name: "valueEntropy",
  title: "Entropy of values",
  says: "entropy of the values in 256 bins from the least to the largest, in bits",
  paper: {
    title: "Value-driven mixed-precision quantization for patch-based inference on microcontrollers",
    where: "arXiv 2401.13714",
  },
  needs: "values",
  byRecipe: false,
  additive: false,
  sums: "bits a value of each tensor by itself",
  tells: "more bits",
  none: "the tensor is empty",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
