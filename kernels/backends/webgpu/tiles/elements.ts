import type { Accumulator } from "../../../measure/accumulator.ts";
import { blockOf } from "../../../plan/blocks.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { Profile } from "../../../report/report.ts";
import type { Tile } from "../../backend.ts";
import { LOST_CAPACITY, LOST_WORDS } from "../wgsl/terms.ts";

/**
 * Adds one element to every sum, by the rules of `reference/accumulate.ts`: counts and histograms have it already. `at` is
 * its place in the tile.
 */
export function addElement(plan: Plan, tile: Tile, at: number, x: number, y: number, into: Accumulator): void {
  const magnitude = Math.abs(Math.fround(x - y));
  // Not finite, and counted as such.
  if (!(magnitude < Infinity)) return;
  const [error, signal] = [magnitude * magnitude, x * x];
  const row = tile.row0 + Math.floor(at / tile.cols);
  const col = at % tile.cols;
  const { map } = into;
  const cell = Math.floor(row / map.cellRows) * map.cols + Math.floor(col / map.cellCols);
  map.error[cell] += error;
  map.signal[cell] += signal;
  addEntry(into.rows, row, error, signal, magnitude);
  addEntry(into.cols, col, error, signal, magnitude);
  addEntry(into.blocks, plan.grid.kind === "none" ? 0 : blockOf(plan.grid, row, col), error, signal, magnitude);
  into.error += error;
  into.signal += signal;
  into.dot += x * y;
  into.energy += y * y;
  into.absError += magnitude;
  if (magnitude > into.maxAbs) into.maxAbs = magnitude;
}

function addEntry(profile: Profile, index: number, error: number, signal: number, most: number): void {
  const entry = Math.floor(index / profile.step);
  profile.error[entry] += error;
  profile.signal[entry] += signal;
  if (most > profile.maxAbs[entry]) profile.maxAbs[entry] = most;
}

/** Whether more values were lost than their list holds: then the sums are of no use. */
export const lostTooMany = (counts: Uint32Array): boolean => counts[4] > LOST_CAPACITY;

/** Adds the values whose terms float32 could not hold: the last words of the counts, of a piece that begins at `start`. */
export function addLost(plan: Plan, tile: Tile, start: number, counts: Uint32Array, into: Accumulator): void {
  const list = counts.slice(counts.length - LOST_WORDS);
  const floats = new Float32Array(list.buffer);
  for (let k = 0; k < counts[4]; k++)
    addElement(plan, tile, start + list[3 * k], floats[3 * k + 1], floats[3 * k + 2], into);
}
