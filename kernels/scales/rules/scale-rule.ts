/**
 * What a scale rule is: how the scale of a block follows from what the block holds. A rule is one file or folder here and one
 * line in `index.ts`, which the parser, completion, words, controls, sweeps, NumPy programs and every backend read.
 */
import type { Ladder } from "../../formats/ladder.ts";
import type { Args } from "../../grammar/args.ts";
import type { Call } from "../../grammar/ast.ts";
import type { Entry } from "../../grammar/signature.ts";
import type { PlannedRule, ScaleLevel } from "../../plan/plan.ts";

/** What a rule scales. */
export interface Scaled {
  affine: boolean;
  /** The clip over this is the ideal scale; negative for the signed maximum. */
  divisor: number;
  ladder: Ladder;
}

/** What a rule goes with. A recipe that asks for more is a mistake with a message. */
export interface Takes {
  symmetric: boolean;
  affine: boolean;
  /** The signed maximum of `int4(signmax)`. */
  signed: boolean;
  /** Scales, where they are scaled in turn. Such a rule looks at no more than the largest magnitude. */
  scales: boolean;
}

export interface ScaleRule<Name extends string = string> {
  entry: Entry & { name: Name };
  takes: Takes;
  /** Reads the call, whose format and place `takes` allows. Throws RecipeError for what makes no sense. */
  plan(args: Args, of: Scaled): Omit<PlannedRule, "name">;
  /** What a reader may take it for, or is not told by its name: a sentence without its end. */
  remark?(args: Args): string | null;
  /** What a plan's level says of the arguments: those that have no part in it, say. Sentences without their ends. */
  notes?(args: Args, level: ScaleLevel): string[];
  /** The call that it is written as, where it is another spelling of that. */
  respelled?(args: Args): Call | null;
  /** Set where over a plain E8M0 it is the same as the plain rule with the scale rounded up, which is how it is then written. */
  isRoundingUp?: boolean;
  /** Calls that lists of choices offer first. */
  offers?: readonly string[];
}

/** A rule whose name stays a literal, so that lists by name can be checked for being whole. */
export const scaleRule = <const Name extends string>(rule: ScaleRule<Name>): ScaleRule<Name> => rule;

/** A rule of the largest magnitude, whose ideal scale is that over the divisor. */
export const EXTENT: Omit<PlannedRule, "name"> = { params: {}, finding: { kind: "extent" }, exponent: null };
