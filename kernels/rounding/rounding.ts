import type { Call } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { roundingArgs } from "./registry.ts";

/** `lower` (nearest, ties to the lower level) is bitsandbytes' and has no name in the notation. */
export type RoundingMode = "lower" | "rne" | "away" | "inward" | "trunc" | "up" | "down" | "odd" | "sr" | "coin";

export interface Rounding {
  mode: RoundingMode;
  /** Random bits compared with the fraction, for `sr`. */
  bits: number;
  seed: number;
}

const modes: readonly string[] = ["rne", "away", "inward", "trunc", "up", "down", "odd", "sr", "coin"];

export function buildRounding(call: Call | null): Rounding {
  if (call === null) return { mode: "rne", bits: 24, seed: 0 };
  if (!modes.includes(call.name)) throw new RecipeError(`${call.name} is not a rounding`);
  const args = roundingArgs(call);
  return { mode: call.name as RoundingMode, bits: args.number("bits") ?? 24, seed: args.number("seed") ?? 0 };
}

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
export function takesUpper(mode: RoundingMode, between: Between): boolean {
  const { side, negative, lowerOdd } = between;
  switch (mode) {
    case "rne":
      return side === 0 ? lowerOdd : side > 0;
    case "away":
      return side === 0 ? !negative : side > 0;
    case "inward":
      return side === 0 ? negative : side > 0;
    case "lower":
      return side > 0;
    case "trunc":
      return negative;
    case "up":
      return true;
    case "down":
      return false;
    case "odd":
      return !lowerOdd;
    default:
      throw new Error(`${mode} needs random bits`);
  }
}
