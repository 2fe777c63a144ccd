import type { Signal } from "../signal.ts";

export const salience = {
  name: "salience",
  title: "Salience",
  says: "mean over the weights of squared value over squared diagonal of the inverse Hessian of the layer's outputs",
  paper: {
    title: "SliM-LLM: salience-driven mixed-precision quantization for large language models",
    where: "arXiv 2405.14917",
  },
  needs: "gram",
  byRecipe: false,
  additive: false,
  sums: "a mean of each tensor by itself",
  tells: "more bits",
  none: "the Gram matrix has no inverse",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
