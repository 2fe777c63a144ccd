import type { Signal } from "../signal.ts";

export const trace = {
  name: "trace",
  title: "Mean trace times change",
  says: "mean trace of the loss's Hessian times the squared change of the weights",
  paper: { title: "HAWQ-V2: Hessian aware trace-weighted quantization of neural networks", where: "arXiv 1911.03852" },
  needs: "model",
  byRecipe: true,
  additive: true,
  sums: "changes of one loss in second order, by the mean curvature of each tensor",
  none: "the trace could not be estimated",
} as const satisfies Signal;
