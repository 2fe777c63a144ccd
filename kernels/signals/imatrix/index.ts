import type { Signal } from "../signal.ts";

export const imatrix = {
  name: "imatrix",
  title: "Importance-weighted error",
  says: "squared error of the weight's values, each times the mean square of the input that it meets",
  paper: {
    title: "llama.cpp: the importance matrix",
    where: "https://github.com/ggml-org/llama.cpp/tree/master/tools/imatrix",
  },
  needs: "channels",
  byRecipe: true,
  additive: true,
  sums: "squared errors of outputs a token, as far as input channels do not go together",
  none: "the tensor is empty",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
