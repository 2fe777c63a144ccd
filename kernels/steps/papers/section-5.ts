/** Outliers. */
import { loud, reader } from "./inputs.ts";
import type { Claim, Paper } from "./paper.ts";

const eightBits = {
  on: { weight: reader(64, 1), inputs: loud(512, 6, 20), activations: "int8/row" },
  figure: "joint",
} as const satisfies Partial<Claim>;

export const outliers: readonly Paper[] = [
  {
    section: "5.1",
    title: "LLM.int8(): 8-bit matrix multiplication for transformers at scale",
    where: "arXiv 2208.07339",
    recipes: [{ says: "vector-wise", recipe: "int8/row", activations: "int8/row" }],
    claims: [{ says: "vector-wise: 1.9e-3", recipe: "int8/row", ...eightBits, is: 1.9e-3, within: 0.1 }],
  },
];
