import type { Signal } from "../signal.ts";

export const imatrixGgml = {
  name: "imatrixGgml",
  title: "Error as llama.cpp weighs it",
  says: "squared error of the weight's values by the weights under which llama.cpp's quantizers choose scales: the mean square of the input times the root of the row's mean square plus the value's own square",
  paper: {
    title: "llama.cpp: the importance matrix",
    where: "https://github.com/ggml-org/llama.cpp/tree/master/tools/imatrix",
  },
  needs: "channels",
  byRecipe: true,
  additive: true,
  sums: "weighted squared errors, of one unit throughout",
  none: "the tensor is empty",
  work: async () => (await import("./work.ts")).work,
} as const satisfies Signal;
