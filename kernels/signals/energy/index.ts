import type { Signal } from "../signal.ts";

export const energy = {
  name: "energy",
  title: "Energy of inputs",
  says: "sum over input channels of their mean squares",
  paper: {
    title: "llama.cpp: the importance matrix",
    where: "https://github.com/ggml-org/llama.cpp/tree/master/tools/imatrix",
  },
  needs: "channels",
  byRecipe: false,
  additive: false,
  sums: "inputs of each tensor by itself, and several tensors meet the same",
  tells: "more bits",
  none: "nothing is known of its inputs",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
