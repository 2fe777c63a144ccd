import type { Signal } from "../signal.ts";

export const layerCosine = {
  name: "layerCosine",
  title: "Cosine with the layer before",
  says: "cosine of the input channels' sums of squares with those of the same tensor one layer before",
  paper: {
    title: "llama.cpp: the importance matrix",
    where: "https://github.com/ggml-org/llama.cpp/tree/master/tools/imatrix",
  },
  needs: "channels",
  byRecipe: false,
  additive: false,
  sums: "a figure of pairs of layers",
  tells: "fewer bits",
  none: "nothing is known of its inputs or of those of the layer before",
  before: true,
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
