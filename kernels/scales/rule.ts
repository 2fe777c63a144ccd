/** A recipe's scale rule made ready for what it scales. */
import type { Call } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { either } from "../grammar/names.ts";
import type { PlannedRule, ScaleLevel } from "../plan/plan.ts";
import { knownRules, ruleArgs, ruleNamed, usualRule } from "./rules/known.ts";
import { EXTENT, type Scaled, type ScaleRule } from "./rules/scale-rule.ts";

const written = (some: readonly ScaleRule[]): string => either(some.map(({ entry }) => `~${entry.name}`));

/** For messages: the rules of scales of scales, and those of affine formats that are offered first. */
const ofScales = () => written(knownRules().filter(({ takes }) => takes.scales));
const ofAffine = () =>
  written(
    knownRules().filter(({ takes, offers, entry }) => takes.affine && (offers || entry.name === usualRule(true))),
  );

/**
 * Reads a scale rule and checks that it goes with what it scales. `level` is 0 for the scales of elements, and counts outward.
 * Throws RecipeError.
 */
export function buildRule(call: Call | null, level: number, of: Scaled): PlannedRule {
  const name = call?.name ?? usualRule(of.affine);
  const rule = ruleNamed(name);
  if (!rule) throw new RecipeError(`${name} is not a scale rule`);
  const args = ruleArgs(call ?? { name, args: [] });
  const same = rule.respelled?.(args);
  if (same) return buildRule(same, level, of);
  const { takes } = rule;
  if (level > 0 && !takes.scales) {
    throw new RecipeError(`~${name} works on elements; the scales of scales take ${ofScales()}`);
  }
  if (of.divisor < 0 && !takes.signed) throw new RecipeError(`~${name} does not go with the signed maximum`);
  if (of.affine && !takes.affine) {
    throw new RecipeError(`~${name} is for symmetric formats; affine integers take ${ofAffine()}`);
  }
  if (!of.affine && !takes.symmetric) throw new RecipeError(`~${name} is for affine integers, as in int4(asym)`);
  return { name, ...rule.plan(args, of) };
}

/** The plain rule of symmetric formats. */
export const ABSMAX: PlannedRule = { name: usualRule(false), ...EXTENT };

/** What a plan says of a rule's arguments. */
export const ruleNotes = (call: Call | null, level: ScaleLevel | undefined): string[] =>
  (call && level && ruleNamed(call.name)?.notes?.(ruleArgs(call), level)) || [];
