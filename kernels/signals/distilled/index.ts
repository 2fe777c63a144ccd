import type { Signal } from "../signal.ts";

export const distilled = {
  name: "distilled",
  title: "KL of outputs",
  says: "divergence of the layer's outputs as shares, on inputs of the calibration: distilled from the model's norms, where there is no text",
  paper: { title: "ZeroQ: a novel zero shot quantization framework", where: "arXiv 2001.00281" },
  needs: "rows",
  byRecipe: true,
  additive: true,
  sums: "as the paper adds it up: each layer by itself, without what layers do to one another",
  none: "the outputs are not finite",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
