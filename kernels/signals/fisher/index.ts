import type { Signal } from "../signal.ts";

export const fisher = {
  name: "fisher",
  title: "Fisher",
  says: "half the sum over weights of (gradient times change)^2, in nats a prediction: the empirical Fisher information's diagonal",
  paper: { title: "NVIDIA ModelOpt: AutoQuantize", where: "https://github.com/NVIDIA/Model-Optimizer" },
  needs: "model",
  byRecipe: true,
  additive: true,
  sums: "changes of one loss in second order, weights by themselves",
  none: "the model gives no gradients of it",
} as const satisfies Signal;
