import type { Signal } from "../signal.ts";

export const latency = {
  name: "latency",
  title: "Latency here",
  says: "median time of the layer's product at the recipe's bits on this very device",
  paper: { title: "OHQ: on-chip hardware-aware quantization", where: "arXiv 2309.01945" },
  needs: "device",
  byRecipe: true,
  additive: true,
  sums: "layers run one after the other",
  none: "the device cannot be timed, or has no kernel for it",
} as const satisfies Signal;
