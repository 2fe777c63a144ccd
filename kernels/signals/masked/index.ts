import type { Signal } from "../signal.ts";

export const masked = {
  name: "masked",
  title: "Masked error",
  says: "error of the layer's outputs on made-up inputs, where a random share of its weights is quantized",
  paper: { title: "OHQ: on-chip hardware-aware quantization", where: "arXiv 2309.01945" },
  needs: "values",
  byRecipe: true,
  additive: true,
  sums: "squared errors add up, where layers do not make up for one another's",
  none: "the tensor is empty",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
