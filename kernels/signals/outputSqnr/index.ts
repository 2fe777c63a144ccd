import type { Signal } from "../signal.ts";

export const outputSqnr = {
  name: "outputSqnr",
  title: "Output decibels",
  says: "squared error of the layer's outputs over their squares, in decibels",
  paper: {
    title:
      "MixDQ: memory-efficient few-step text-to-image diffusion models with metric-decoupled mixed precision quantization",
    where: "arXiv 2405.17873",
  },
  needs: "gram",
  byRecipe: true,
  additive: true,
  sums: "decibels of tensors are added up by the paper: a product of ratios",
  none: "the outputs are zero, or have no error",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
