import type { Signal } from "../signal.ts";

export const gradient = {
  name: "gradient",
  title: "Gradient times change",
  says: "magnitude of the loss's change by its gradient alone: the sum of gradient times change of each weight",
  paper: {
    title: "AutoRound and MLX's sensitivities: the first-order change of a loss",
    where: "https://github.com/ml-explore/mlx-lm",
  },
  needs: "gradients",
  byRecipe: true,
  additive: true,
  sums: "changes of one loss in first order",
  none: "there are no gradients of it",
} as const satisfies Signal;
