import type { Signal } from "../signal.ts";

export const eigenvalue = {
  name: "eigenvalue",
  title: "Top eigenvalue times change",
  says: "largest eigenvalue of the loss's Hessian times the squared change of the weights",
  paper: {
    title: "HAWQ: Hessian aware quantization of neural networks with mixed-precision",
    where: "arXiv 1905.03696",
  },
  needs: "model",
  byRecipe: true,
  additive: true,
  sums: "a bound of each tensor's change of one loss in second order",
  none: "the power iteration did not settle",
} as const satisfies Signal;
