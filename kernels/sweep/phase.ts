import type { Plan, ScaleLevel } from "../plan/plan.ts";

/** nmse over the places of the data inside an octave; `null` where the signal is zero or a result is broken. */
export interface PhaseBand {
  phases: number;
  min: number;
  mean: number;
  max: number;
}

function isPowerOfTwo({ format, rule }: ScaleLevel): boolean {
  if (format.kind === "float" && format.mantissaBits === 0) return true;
  // Such a scale is stored as it is wherever the format has fractions or none are needed.
  return rule.exponent !== null && (format.kind === "identity" || format.kind === "float");
}

/**
 * Whether all scales of a plan are powers of two. Then the same data a little larger may be rounded quite differently,
 * until it is twice as large and all is as before.
 */
export const hasPhase = (plan: Plan): boolean => plan.levels.length > 0 && plan.levels.every(isPowerOfTwo);

/**
 * The factor of phase k of n: one, then from a half up to one. By whole octaves nothing changes, and so nothing overflows.
 */
export const phaseFactor = (k: number, n: number): number => (k === 0 ? 1 : Math.fround(2 ** (k / n)) / 2);

/** Finds band and mean of the nmse of all phases. */
export function bandOf(nmse: readonly (number | null)[]): PhaseBand | null {
  const known = nmse.filter((v) => v !== null);
  if (known.length < nmse.length || known.length === 0) return null;
  return {
    phases: known.length,
    min: Math.min(...known),
    mean: known.reduce((sum, v) => sum + v, 0) / known.length,
    max: Math.max(...known),
  };
}
