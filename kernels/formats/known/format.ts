/**
 * What a format of the notation is: a name, its parameters, and the format that a call of it makes. A new one is one line in the list
 * of its family beside this file; ladder, thresholds, decode table, words and every backend follow.
 */
import type { Args } from "../../grammar/args.ts";
import type { Call } from "../../grammar/ast.ts";
import type { Entry, Parameter } from "../../grammar/signature.ts";
import type { Format } from "../types.ts";

/** What lists of formats are grouped by. */
export const families = ["integers", "unsigned", "floats", "codebooks", "blocks", "vectors", "given"] as const;
export type Family = (typeof families)[number];

export interface KnownFormat {
  entry: Entry;
  family: Family;
  /** The format of a call, with its arguments. Throws RecipeError where they make none. */
  build(args: Args, call: Call): Format;
  /** Whether the integers of a call carry a zero point. */
  isAffine?(args: Args): boolean;
  /** What a clip is divided by to give the ideal scale, where it is not the largest level. Throws RecipeError where there is none. */
  divisor?(args: Args): number;
}

/** Options every element format takes; library presets set them. */
export const COMMON: readonly Parameter[] = [
  {
    key: "sat",
    kind: "word",
    words: ["clamp", "nan", "inf"],
    default: "clamp",
    roles: ["cast", "element"],
    describe: "what a value beyond the range gives",
  },
  {
    key: "zero",
    kind: "number",
    words: ["ideal", "min"],
    default: "ideal",
    min: 0,
    roles: ["element"],
    describe:
      "the scale of an all-zero block: the ideal (zero) rounded, the smallest the scale format has, or a number",
  },
  {
    key: "nonfinite",
    kind: "word",
    words: ["skip", "poison"],
    default: "skip",
    roles: ["element"],
    describe: "a NaN or Inf is left out of its block's scale, or makes the whole block NaN",
  },
  {
    key: "arith",
    kind: "word",
    words: ["exact", "bnb", "torchao", "modelopt"],
    default: "exact",
    roles: ["element"],
    describe: "exact, or the float32 arithmetic of a library",
  },
  {
    key: "reach",
    kind: "number",
    min: 0.001,
    max: 100000,
    optional: true,
    roles: ["element", "scale"],
    describe: "what the largest magnitude is scaled to, where not the largest level",
  },
  {
    key: "least",
    kind: "number",
    min: 0,
    default: 0,
    roles: ["scale"],
    describe: "stored scales below this are raised to it (as a scale format)",
  },
  {
    key: "offset",
    kind: "word",
    words: ["none", "mean"],
    default: "none",
    roles: ["scale"],
    describe: "subtract the mean before quantizing (as a scale format)",
  },
];
