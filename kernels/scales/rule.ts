import type { Ladder } from "../formats/ladder.ts";
import type { Args } from "../grammar/args.ts";
import type { Call } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { ScaleRule } from "../plan/plan.ts";
import { type SearchRule, stepsAbove } from "./candidates.ts";
import { gaussianOptimalScale } from "./gaussian.ts";
import { ruleArgs } from "./registry.ts";

/** Formats with more levels than this get no optimal clip computed: it would take seconds and gain nothing. */
const MAX_LEVELS = 4096;

/** Reads a scale rule and checks that it makes sense for what it scales. */
export function buildRule(
  call: Call | null,
  of: { level: number; affine: boolean; divisor: number; ladder: Ladder },
): ScaleRule {
  if (call === null) return { name: of.affine ? "minmax" : "absmax" };
  const symmetricOnly = () => {
    if (of.affine)
      throw new RecipeError(`~${call.name} is for symmetric formats; affine integers take ~minmax, ~pct or ~mse`);
  };
  if (of.level > 0 && !["absmax", "mx", "rceil"].includes(call.name)) {
    throw new RecipeError(`~${call.name} works on elements; the scales of scales take ~absmax, ~mx or ~rceil`);
  }
  if (of.divisor < 0 && !["absmax", "mse", "shrink"].includes(call.name)) {
    throw new RecipeError(`~${call.name} does not go with the signed maximum`);
  }
  const args = ruleArgs(call);
  switch (call.name) {
    case "absmax":
      symmetricOnly();
      return { name: "absmax" };
    case "minmax":
      if (!of.affine) throw new RecipeError("~minmax is for affine integers, as in int4(asym)");
      return { name: "minmax" };
    case "pct": {
      const p = args.number("p") ?? 100;
      if (p <= 0) throw new RecipeError("~pct takes a percentile above 0");
      return { name: "pct", p };
    }
    case "mse":
      return searchRule({ ...gridOf(args), most: args.number("most") ?? 1.5 });
    case "shrink":
      return { name: "shrink", ...gridOf(args) };
    case "rms":
    case "std": {
      symmetricOnly();
      const { name } = call;
      const k = args.number("k");
      if (k !== null) return { name, k };
      if (of.ladder.levels.length > MAX_LEVELS)
        throw new RecipeError(`~${name} needs a factor for a format with so many levels`);
      return { name, k: gaussianOptimalScale(of.ladder) * of.divisor };
    }
    case "absmean":
      symmetricOnly();
      return { name: "absmean", k: args.number("k") ?? 1 };
    case "mx":
      symmetricOnly();
      if (of.ladder.format.kind === "codebook") throw new RecipeError("~mx is for floats and integers");
      return { name: "mx", how: (args.word("how") ?? "floor") as "floor" | "ceil" | "even" };
    case "rceil":
      symmetricOnly();
      return { name: "mx", how: "rceil" };
    default:
      throw new RecipeError(`${call.name} is not a scale rule`);
  }
}

function gridOf(args: Args) {
  return {
    p: args.number("p") ?? 2,
    grid: args.number("grid") ?? 100,
    least: args.number("least") ?? 0.2,
  };
}

/** Steps above the plain rule's scale that a search may ask for. */
const MOST_STEPS = 4096;

function searchRule(given: Omit<SearchRule, "name">): SearchRule {
  const rule: SearchRule = { name: "mse", ...given };
  if (rule.least >= 1) throw new RecipeError("~mse takes least= below 1: its steps lie between least and 1");
  const steps = stepsAbove(rule);
  if (steps <= MOST_STEPS) return rule;
  throw new RecipeError(
    `~mse would take ${steps} steps above 1, ${MOST_STEPS} at most: a smaller grid= or most= has fewer`,
  );
}
