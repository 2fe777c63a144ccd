import type { Signal } from "../signal.ts";

export const weighted = {
  name: "weighted",
  title: "NMSE by parameters",
  says: "NMSE times the tensor's share of the model's parameters",
  paper: null,
  needs: "values",
  byRecipe: true,
  additive: true,
  sums: "it adds up to the mean NMSE of the model's parameters",
  none: "the tensor is empty, or zero throughout",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
