import type { Signal } from "../signal.ts";

export const rowLoss = {
  name: "rowLoss",
  title: "Loss by rows",
  says: "what each row's error does to the loss by a Fisher matrix of rank one, summed over rows",
  paper: {
    title:
      "MixLLM: LLM quantization with global mixed-precision between output-features and highly-efficient system design",
    where: "arXiv 2412.14590",
  },
  needs: "gradients",
  byRecipe: true,
  additive: true,
  sums: "estimates of one loss, rows by themselves",
  none: "there are no gradients of it",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
