import type { Signal } from "../signal.ts";

export const outputNmse = {
  name: "outputNmse",
  title: "Output NMSE",
  says: "squared error of the layer's outputs over their squares, on the tokens of the calibration",
  paper: null,
  needs: "gram",
  byRecipe: true,
  additive: false,
  sums: "a relative error: layers with small and with large outputs count alike",
  none: "the outputs on the calibration are zero",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
