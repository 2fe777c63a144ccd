import { MemoryBudgetError } from "./errors.ts";
import type { Pool } from "./pool.ts";

/** Called every few hundredths of a second with how far a computation is; may reject, which ends it. */
export type Pace = (done: number, total: number) => Promise<void>;

/** How a computation goes about its work. Its figures do not depend on it. */
export interface Run {
  /** The threads to spread panels over, or null for this one alone; where it is not said, what `providePool` provided. */
  pool?: Pool | null;
  pace?: Pace;
  /** Bytes that the computation may take, its input aside; more is refused with MemoryBudgetError. */
  budget?: number;
}

export const noPace: Pace = async () => {};

/** Throws MemoryBudgetError where `bytes` are more than the run allows. */
export function mustFit(what: string, bytes: number, { budget = Number.POSITIVE_INFINITY }: Run): void {
  if (bytes > budget) throw new MemoryBudgetError(what, bytes, budget);
}

/** Bytes of `copies` float64 matrices of rows x cols: 1.6 GB for one of 14,336 x 14,336. */
export const matrixBytes = (rows: number, cols = rows, copies = 1): number => 8 * rows * cols * copies;
