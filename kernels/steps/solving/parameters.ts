import type { Parameter } from "../../grammar/signature.ts";

/** The most values that are on their way through columns at once: 256 MiB of float64. */
export const MOST_VALUES = 2 ** 25;

/** Operations of a factor of the Gram matrix, and of errors pushed on once through all columns. */
export const feedbackOperations = (rows: number, cols: number): number => rows * cols ** 2 + (2 / 3) * cols ** 3;

/** What solvers that divide by the Gram matrix have in common. */
export const DAMP: Parameter = {
  key: "damp",
  kind: "number",
  min: 0,
  max: 100,
  default: 0.01,
  positional: true,
  describe: "added to the Gram matrix's diagonal, as a share of its mean",
};

export const ORDER: Parameter = {
  key: "order",
  kind: "word",
  words: ["none", "gram"],
  default: "none",
  describe: "columns as they stand, or by falling diagonal of the Gram matrix (act-order)",
};

export const HESSIAN: Parameter = {
  key: "hessian",
  kind: "word",
  words: ["gram", "mfac", "mkor"],
  default: "gram",
  describe:
    "what curvature is: the Gram matrix, or an inverse kept from single tokens (M-FAC) or by updates of rank 1 (MKOR)",
};
