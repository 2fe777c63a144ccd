import type { Call } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { decidingOf, isRandom, type RoundingMode } from "./modes/index.ts";
import { roundingArgs, roundingNamed, USUAL_ROUNDING } from "./registry.ts";

export type { RoundingMode } from "./modes/index.ts";

export interface Rounding {
  mode: RoundingMode;
  /** Random bits compared with the fraction, for `sr`. */
  bits: number;
  seed: number;
}

export function buildRounding(call: Call | null): Rounding {
  const entry = roundingNamed(call?.name ?? USUAL_ROUNDING);
  if (!entry) throw new RecipeError(`${call?.name} is not a rounding`);
  const args = call && roundingArgs(call);
  return { mode: entry.name, bits: args?.number("bits") ?? 24, seed: args?.number("seed") ?? 0 };
}

/** A rounding without chance: the nearest level says what a random one costs. */
export const withoutChance = (rounding: Rounding): Rounding =>
  isRandom(rounding.mode) ? { ...rounding, mode: USUAL_ROUNDING } : rounding;

/**
 * Where q lies between two neighbouring levels, as integers a decision can rest on: below, at or above the middle, and
 * the top bits of the fraction.
 */
export interface Between {
  /** Sign of q - middle. */
  side: number;
  /** Sign of the middle (for ties away from and toward zero). */
  negative: boolean;
  lowerOdd: boolean;
}

/** Whether a nearest or directed rounding takes the upper neighbour of a q that lies strictly between two levels. */
export function takesUpper(mode: RoundingMode, { side, negative, lowerOdd }: Between): boolean {
  const deciding = decidingOf(mode);
  switch (deciding.by) {
    case "nearest":
      return side === 0 ? deciding.tieUp(negative, lowerOdd) : side > 0;
    case "side":
      return deciding.up(negative, lowerOdd);
    case "chance":
      throw new Error(`${mode} needs random bits`);
  }
}
