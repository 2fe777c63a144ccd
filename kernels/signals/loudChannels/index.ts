import type { Signal } from "../signal.ts";

export const loudChannels = {
  name: "loudChannels",
  title: "Loud channels",
  says: "share of input channels whose mean square is more than a standard deviation above their mean",
  paper: {
    title: "llama.cpp: the importance matrix",
    where: "https://github.com/ggml-org/llama.cpp/tree/master/tools/imatrix",
  },
  needs: "channels",
  byRecipe: false,
  additive: false,
  sums: "a share of each tensor by itself",
  tells: "neither",
  none: "nothing is known of its inputs",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
