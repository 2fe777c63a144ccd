/** What rules take that learn by gradient descent. */
import type { Args } from "../../grammar/args.ts";
import type { Parameter } from "../../grammar/signature.ts";
import type { PlannedRule } from "../../plan/plan.ts";
import { isByInputs, WEIGHTS, weightParams } from "./searching.ts";

export const LEARNING: readonly Parameter[] = [
  { key: "steps", kind: "integer", min: 1, max: 10000, default: 100, describe: "steps of the descent" },
  { key: "rate", kind: "number", min: 0, max: 10, default: 0.03, describe: "learning rate" },
  WEIGHTS,
];

export function learningOf(what: "step" | "clip", args: Args): Omit<PlannedRule, "name"> {
  const params = { steps: args.number("steps") ?? 100, rate: args.number("rate") ?? 0.03 };
  const weighted = isByInputs(args);
  return {
    params: { ...params, ...weightParams(weighted) },
    finding: { kind: "learned", what, ...params, weighted },
    exponent: null,
  };
}
