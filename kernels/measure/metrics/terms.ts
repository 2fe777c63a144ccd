/** What several formulas have in common. */
import type { Sums } from "../sums.ts";

/** How many elements the sums are over: those whose value and result are finite. */
export const measuredCount = ({ count, brokenResults }: Readonly<Sums>): number => count - brokenResults;

/** Sum of squared error over sum of squares; `null` where the signal is zero. */
export const errorRatio = ({ error, signal }: { error: number; signal: number }): number | null =>
  signal > 0 ? error / signal : null;

/** Decibels by which the error lies below the signal; `null` where there is no error or no signal. */
export const decibels = (ratio: number | null): number | null =>
  ratio !== null && ratio > 0 ? -10 * Math.log10(ratio) : null;
