/** Allocations beside the frontier, as points of its chart: one recipe for all, and what other ways of choosing came to. */
import type { AllocationTable } from "../../../../kernels/allocation/types.ts";
import { uniformAssignments } from "../../../../kernels/allocation/uniform.ts";
import { formatNumber, formatPercent } from "../../../charts/numbers.ts";
import type { MixTensors } from "./tensors.ts";

export interface MixPoint {
  name: string;
  kind: "uniform" | "solver";
  /** Of the whole file, with what is spent whatever is chosen. */
  bits: number;
  loss: number;
  /** Tensors that cannot have the recipe and are counted as they are stored. */
  without: number;
  /** What its loss is above the frontier's at as many bits; null where there is none to compare with. */
  gap: number | null;
}

/** How far a loss is above another one, for the reader: a share of it, or nats and the like where that is none (losses are zero, or below). */
export const aboveWords = (gap: number, of: number): string =>
  of > 0 ? formatPercent(gap / of) : formatNumber(gap, 3);

/** Every recipe for all tensors that take it; the others stay as they are stored, at their bits and without a loss. */
export function uniformPoints(table: AllocationTable, tensors: MixTensors, spent: number): MixPoint[] {
  return uniformAssignments(table, spent)
    .filter(({ without }) => without < tensors.count)
    .map(({ of, bits, loss, without }) => ({
      name: table.choices[of],
      kind: "uniform",
      bits,
      loss,
      without,
      gap: null,
    }));
}

/** Indices of at most so many points that show a curve: those at which a budget on an even raster would land, both ends among them. */
export function thinned(bits: Float64Array, most: number): number[] {
  if (bits.length <= most) return Array.from(bits, (_, i) => i);
  const [first, last] = [bits[0], bits[bits.length - 1]];
  const kept = [0];
  let at = 0;
  for (let k = 1; k < most; k++) {
    const budget = k === most - 1 ? last : first + ((last - first) * k) / (most - 1);
    while (at + 1 < bits.length && bits[at + 1] <= budget) at++;
    if (at !== kept[kept.length - 1]) kept.push(at);
  }
  return kept;
}

/**
 * The stretch of budgets that is worth a slider: from the least to the largest recipe for all, since from there on to everything kept as
 * it is little is left to choose; farther where the budget lies there.
 */
export function usefulRange(
  bits: Float64Array,
  points: readonly MixPoint[],
  keep: string,
  budget: number,
): [number, number] {
  const [least, most] = [bits[0], bits[bits.length - 1]];
  const uniform = points.filter(({ kind, name }) => kind === "uniform" && name !== keep);
  const largest = uniform.reduce((max, one) => Math.max(max, one.bits), 0);
  const end = largest > least && budget <= largest ? Math.min(most, largest) : most;
  const low = points.reduce((min, one) => Math.min(min, one.bits), least);
  return [low, end];
}
