import type { Signal } from "../signal.ts";

export const interaction = {
  name: "interaction",
  title: "With interactions",
  says: "the tensor's own term and what goes together with the other tensors' errors",
  paper: {
    title: "Augmenting Hessians with inter-layer dependencies for mixed-precision post-training quantization",
    where: "arXiv 2306.04879",
  },
  needs: "model",
  byRecipe: true,
  additive: true,
  sums: "pairs are counted with both of their tensors: sums are for ranking",
  none: "the model could not be run with pairs of tensors",
} as const satisfies Signal;
