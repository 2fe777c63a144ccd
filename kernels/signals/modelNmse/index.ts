import type { Signal } from "../signal.ts";

export const modelNmse = {
  name: "modelNmse",
  title: "Share of the model's squares",
  says: "squared error of the weight's values over the squares of all values of the model",
  paper: null,
  needs: "values",
  byRecipe: true,
  additive: true,
  sums: "one divisor for all tensors: it adds up to the NMSE of the model's values, taken as one",
  none: "no tensor of the model has a value other than zero",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
