import type { Signal } from "../signal.ts";

export const gradient = {
  name: "gradient",
  title: "Gradient times change",
  says: "how far the loss can move by its gradient alone: the sum over weights of |gradient times change|, in nats a prediction",
  paper: {
    title: "AutoRound and MLX's sensitivities: the first-order change of a loss",
    where: "https://github.com/ml-explore/mlx-lm",
  },
  needs: "model",
  byRecipe: true,
  additive: true,
  sums: "changes of one loss in first order",
  none: "the model gives no gradients of it",
} as const satisfies Signal;
