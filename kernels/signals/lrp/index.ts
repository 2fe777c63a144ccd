import type { Signal } from "../signal.ts";

export const lrp = {
  name: "lrp",
  title: "Relevance",
  says: "share of the relevance that a chain of linear layers passes through this tensor",
  paper: {
    title: "LRP-QViT: mixed-precision vision transformer quantization via layer-wise relevance propagation",
    where: "arXiv 2401.11243",
  },
  needs: "rows",
  byRecipe: false,
  additive: true,
  sums: "shares of one whole",
  tells: "more bits",
  none: "no tokens went through the layer",
} as const satisfies Signal;
