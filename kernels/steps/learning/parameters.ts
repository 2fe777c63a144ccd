import { SEED as BASE } from "../../grammar/seed.ts";
import type { Parameter } from "../../grammar/signature.ts";

/** What learned steps have in common. */
export const BATCH: Parameter = {
  key: "batch",
  kind: "integer",
  min: 1,
  max: 4096,
  default: 128,
  describe: "tokens a step",
};
export const SEED: Parameter = {
  ...BASE,
  describe: "draws the batches",
};

/** Additions and multiplications of so many steps over batches of tokens, and of what is moved. */
export const learningOperations = (rows: number, cols: number, steps: number, batch: number): number =>
  steps * rows * cols * (4 * batch + 60);
