import type { Signal } from "../signal.ts";

export const kl = {
  name: "kl",
  title: "KL divergence",
  says: "divergence of the model's predictions from its own, where this tensor alone is quantized",
  paper: { title: "ZeroQ: a novel zero shot quantization framework", where: "arXiv 2001.00281" },
  needs: "model",
  byRecipe: true,
  additive: true,
  sums: "for small errors that do not go together: what is left out is the interaction of tensors",
  none: "the model could not be run with it",
} as const satisfies Signal;
