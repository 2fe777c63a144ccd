/** What both searches over errors take. */
import type { Args } from "../../grammar/args.ts";
import type { Parameter } from "../../grammar/signature.ts";

export const ERROR_POWER: Parameter = {
  key: "p",
  kind: "number",
  min: 0.1,
  max: 16,
  default: 2,
  describe: "power of the error",
};

/** Factors of the clip; what a search does with them differs. */
export const GRID = { key: "grid", kind: "integer", min: 1, max: 4096, default: 100 } as const;
export const LEAST = { key: "least", kind: "number", min: 0, max: 1, default: 0.2 } as const;

export const WEIGHTS: Parameter = {
  key: "weights",
  kind: "word",
  words: ["none", "inputs"],
  default: "none",
  describe:
    "what each error's power is multiplied by: nothing, or the mean square of its input channel (a calibration)",
};

/** Whether errors are weighted. Params tell it only where they are: searches without stay what they were. */
export const isByInputs = (args: Args): boolean => args.word("weights") === "inputs";
export const weightParams = (weighted: boolean): { weights?: string } => (weighted ? { weights: "inputs" } : {});

/** What is given of them, or is usual. */
export const gridOf = (args: Args) => ({
  p: args.number("p") ?? 2,
  grid: args.number("grid") ?? 100,
  least: args.number("least") ?? 0.2,
});
