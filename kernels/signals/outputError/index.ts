import type { Signal } from "../signal.ts";

export const outputError = {
  name: "outputError",
  title: "Output error",
  says: "squared error of the layer's outputs a token, on the tokens of the calibration",
  paper: null,
  needs: "gram",
  byRecipe: true,
  additive: true,
  sums: "squared errors add up, where layers do not make up for one another's",
  none: "the calibration has no tokens",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
