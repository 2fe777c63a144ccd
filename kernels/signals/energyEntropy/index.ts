import type { Signal } from "../signal.ts";

export const energyEntropy = {
  name: "energyEntropy",
  title: "Entropy of inputs",
  says: "entropy of the input channels' shares of the energy, over the largest that so many channels can have",
  paper: {
    title: "llama.cpp: the importance matrix",
    where: "https://github.com/ggml-org/llama.cpp/tree/master/tools/imatrix",
  },
  needs: "channels",
  byRecipe: false,
  additive: false,
  sums: "a share of each tensor by itself",
  tells: "fewer bits",
  none: "nothing is known of its inputs, or they are zero",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
