import type { Signal } from "../signal.ts";

export const nmse = {
  name: "nmse",
  title: "NMSE",
  says: "squared error of the weight's values over their squares",
  paper: null,
  needs: "values",
  byRecipe: true,
  additive: false,
  sums: "a relative error: small and large tensors count alike",
  none: "the tensor is empty, or zero throughout",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
