import type { Parameter } from "./signature.ts";

/** The range of a seed, for whoever says the rest. */
export const SEED = {
  key: "seed",
  kind: "integer",
  min: 0,
  max: 2 ** 32 - 1,
  default: 0,
} as const satisfies Partial<Parameter>;

/** The seed of something random, which is printed always. */
export const seedParameter = (describe: string): Parameter => ({ ...SEED, always: true, describe });
