import type { Signal } from "../signal.ts";

export const fisher = {
  name: "fisher",
  title: "Fisher",
  says: "half the sum of squared gradients times squared changes of the weights",
  paper: { title: "NVIDIA ModelOpt: AutoQuantize", where: "https://github.com/NVIDIA/Model-Optimizer" },
  needs: "gradients",
  byRecipe: true,
  additive: true,
  sums: "changes of one loss in second order, weights by themselves",
  none: "there are no gradients of it",
} as const satisfies Signal;
