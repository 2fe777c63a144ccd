import type { Signal } from "../signal.ts";

export const emq = {
  name: "emq",
  title: "Evolved proxy",
  says: "value of an evolved formula over weights, activations, gradients and curvature",
  paper: {
    title: "EMQ: evolving training-free proxies for automated mixed precision quantization",
    where: "arXiv 2307.10554",
  },
  needs: "gradients",
  byRecipe: true,
  additive: true,
  sums: "the formula's own sum over layers",
  none: "the formula gives no number for it",
} as const satisfies Signal;
