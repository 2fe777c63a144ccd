import type { Signal } from "../signal.ts";

export const lrp = {
  name: "lrp",
  title: "Relevance",
  says: "share of the relevance that passes the tensor's inputs: of the sums over channels of |gradient times value|",
  paper: {
    title: "LRP-QViT: mixed-precision vision transformer quantization via layer-wise relevance propagation",
    where: "arXiv 2401.11243",
  },
  needs: "model",
  byRecipe: false,
  additive: true,
  sums: "shares of one whole",
  tells: "more bits",
  none: "the model gives no gradients of it",
} as const satisfies Signal;
