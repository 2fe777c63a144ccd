/** Every scale rule, one line each. Names are disjoint from those of formats, roundings and steps. */
import { type Args, argsOf } from "../../grammar/args.ts";
import type { Call } from "../../grammar/ast.ts";
import { absmax } from "./absmax.ts";
import { absmean } from "./absmean.ts";
import { dgq } from "./dgq.ts";
import { expr } from "./expr.ts";
import { fine } from "./fine.ts";
import { fouroversix } from "./fouroversix.ts";
import { lclip } from "./lclip.ts";
import { lsq } from "./lsq.ts";
import { minmax } from "./minmax.ts";
import { mse } from "./mse.ts";
import { mx } from "./mx.ts";
import { pct } from "./pct.ts";
import { quest } from "./quest.ts";
import { rceil } from "./rceil.ts";
import { realbias } from "./realbias.ts";
import { rms } from "./rms.ts";
import type { ScaleRule } from "./scale-rule.ts";
import { shrink } from "./shrink.ts";
import { std } from "./std.ts";
import { bwn, twn } from "./twn.ts";

const list = [
  // In the order in which lists offer them.
  absmax,
  minmax,
  pct,
  mse,
  shrink,
  rms,
  std,
  absmean,
  mx,
  rceil,
  quest,
  fouroversix,
  realbias,
  lsq,
  lclip,
  twn,
  bwn,
  fine,
  dgq,
  expr,
] as const satisfies readonly ScaleRule[];

export type RuleName = (typeof list)[number]["entry"]["name"];

export const rules: readonly ScaleRule<RuleName>[] = list;

const byName: ReadonlyMap<string, ScaleRule<RuleName>> = new Map(rules.map((rule) => [rule.entry.name, rule]));

/** The rule of this name; undefined if there is none. */
export const ruleNamed = (name: string): ScaleRule<RuleName> | undefined => byName.get(name);

/** The arguments of a scale rule's call. Throws RecipeError where they do not fit it. */
export const ruleArgs = (call: Call): Args => argsOf(call, ruleNamed(call.name)?.entry);

/** The rule that is meant where none is written. */
export const usualRule = (affine: boolean): RuleName => (affine ? "minmax" : "absmax");

/** Whether a rule may be left out: absmax of an affine format is understood as its usual rule. */
export const isUsualRule = (name: string, affine: boolean): boolean =>
  name === usualRule(false) || name === usualRule(affine);
