import { scaleRule } from "./scale-rule.ts";
import { ERROR_POWER, GRID, gridOf, isByInputs, LEAST, WEIGHTS, weightParams } from "./searching.ts";

/** The search of FlatQuant and llm-compressor: the clip and smaller ones, through what they make of the values. */
export const shrink = scaleRule({
  entry: {
    name: "shrink",
    describe: "grid search over shrunken clips alone for the least sum of |error|^p (FlatQuant, llm-compressor)",
    params: [
      ERROR_POWER,
      { ...GRID, describe: "steps from 1 down to the smallest factor" },
      { ...LEAST, describe: "smallest factor tried" },
      WEIGHTS,
    ],
  },
  takes: { symmetric: true, affine: true, signed: true, scales: false },
  plan(args) {
    const grid = gridOf(args);
    const weighted = isByInputs(args);
    return {
      params: { ...grid, ...weightParams(weighted) },
      finding: { kind: "shrink", ...grid, weighted },
      exponent: null,
    };
  },
});
