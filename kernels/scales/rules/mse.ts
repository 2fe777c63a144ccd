import { RecipeError } from "../../grammar/errors.ts";
import { searchesCodes, stepsAbove } from "../tried.ts";
import { scaleRule } from "./scale-rule.ts";
import { ERROR_POWER, GRID, gridOf, isByInputs, LEAST, WEIGHTS, weightParams } from "./searching.ts";

/** Steps above the plain rule's scale that a search may ask for. */
const MOST_STEPS = 4096;

/** The stored scale itself is searched: which ones are tried stands in `candidates.ts`. */
export const mse = scaleRule({
  entry: {
    name: "mse",
    describe:
      "search for the stored scale with the least sum of |error|^p, above the largest magnitude too: every code of a scale " +
      "of at most 8 bits, a grid of factors otherwise",
    params: [
      ERROR_POWER,
      {
        ...GRID,
        describe: "steps from 1 down to the least factor, of the same length above 1; scales of more than 8 bits only",
      },
      { ...LEAST, describe: "least factor tried; scales of more than 8 bits only" },
      {
        key: "most",
        kind: "number",
        min: 1,
        max: 4,
        default: 1.5,
        describe: "largest factor tried; scales of more than 8 bits only",
      },
      WEIGHTS,
    ],
  },
  takes: { symmetric: true, affine: true, signed: true, scales: false },
  plan(args) {
    const params = { ...gridOf(args), most: args.number("most") ?? 1.5 };
    if (params.least >= 1) throw new RecipeError("~mse takes least= below 1: its steps lie between least and 1");
    const steps = stepsAbove(params);
    if (steps > MOST_STEPS) {
      throw new RecipeError(
        `~mse would take ${steps} steps above 1, ${MOST_STEPS} at most: a smaller grid= or most= has fewer`,
      );
    }
    const weighted = isByInputs(args);
    return {
      params: { ...params, ...weightParams(weighted) },
      finding: { kind: "search", ...params, weighted },
      exponent: null,
    };
  },
  notes(args, level) {
    if (!searchesCodes(level)) return [];
    const idle = ["grid", "least", "most"].filter((key) => args.number(key) !== null).map((key) => `${key}=`);
    if (idle.length === 0) return [];
    const have = idle.length === 1 ? "has" : "have";
    return [`~mse tries every code of ${level.text}: ${idle.join(" and ")} ${have} no part in that`];
  },
  offers: ["mse"],
});
