import type { Signal } from "../signal.ts";

export const outputSsim = {
  name: "outputSsim",
  title: "Output dissimilarity",
  says: "what structural similarity of the layer's outputs is short of 1",
  paper: {
    title:
      "MixDQ: memory-efficient few-step text-to-image diffusion models with metric-decoupled mixed precision quantization",
    where: "arXiv 2405.17873",
  },
  needs: "rows",
  byRecipe: true,
  additive: true,
  sums: "similarities of tensors are added up by the paper",
  none: "there are no tokens, or outputs are not finite",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
