/**
 * The scale rules that are at hand: those that recipes have without being told, and presets; all of them once `index.ts`, the list, is
 * loaded (see `kernels/grammar/arrivals.ts`).
 */
import { type Args, argsOf } from "../../grammar/args.ts";
import { arrived } from "../../grammar/arrivals.ts";
import type { Call } from "../../grammar/ast.ts";
import { absmax } from "./absmax.ts";
import { minmax } from "./minmax.ts";
import { mx } from "./mx.ts";
import type { ScaleRule } from "./scale-rule.ts";

let known: readonly ScaleRule[] = [absmax, minmax, mx];
let byName: ReadonlyMap<string, ScaleRule>;
const index = () => {
  byName = new Map(known.map((rule) => [rule.entry.name, rule]));
};
index();

/** Makes these the rules that there are, in the order in which lists offer them. */
export function provideRules(rules: readonly ScaleRule[]): void {
  known = rules;
  index();
  arrived();
}

/** Every rule at hand; the same list as long as none came. */
export const knownRules = (): readonly ScaleRule[] => known;

/** The rule of this name; undefined if there is none at hand. */
export const ruleNamed = (name: string): ScaleRule | undefined => byName.get(name);

/** The arguments of a scale rule's call. Throws RecipeError where they do not fit it. */
export const ruleArgs = (call: Call): Args => argsOf(call, ruleNamed(call.name)?.entry);

/** The rule that is meant where none is written. */
export const usualRule = (affine: boolean) => (affine ? "minmax" : "absmax");

/** Whether a rule may be left out: absmax of an affine format is understood as its usual rule. */
export const isUsualRule = (name: string, affine: boolean): boolean =>
  name === usualRule(false) || name === usualRule(affine);
