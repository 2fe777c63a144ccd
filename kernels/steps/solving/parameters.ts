import type { Parameter } from "../../grammar/signature.ts";

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
