import { floatBits } from "../../exact/bits.ts";
import type { Accumulator } from "../../measure/accumulator.ts";
import { eachRun } from "../../plan/blocks.ts";
import type { Plan } from "../../plan/plan.ts";
import { VALUE_BINS } from "../../report/bins.ts";
import type { Profile } from "../../report/report.ts";
import type { Tile } from "../backend.ts";

/**
 * Adds the error of a tile to the accumulator, element by element in row-major order. e = fl32(x - result). Squares and
 * products of float32 are exact in float64, where none is too small or too large, and are summed there: faint values have
 * figures beside huge ones, and so have the rows and columns that hold them. Backends may form such terms in float32, where
 * they do not leave its range: see `TERM_EXPONENT`. Every sum is over the same elements: those whose value and error are
 * finite.
 */
export function accumulate(plan: Plan, tile: Tile, result: Float32Array, into: Accumulator): void {
  const { grid } = plan;
  const { rows, cols, row0, original } = tile;
  const { values, errorKeys, map, rows: byRow, cols: byCol, blocks } = into;
  const { error: colError, signal: colSignal, maxAbs: colMax } = byCol;
  const toBin = 2 ** (8 - into.valueExponent);
  // Places that depend on the column alone, found once for the tile: divisions are dear.
  const entries = Int32Array.from({ length: cols }, (_, c) => Math.floor(c / byCol.step));
  const cells = Int32Array.from({ length: cols }, (_, c) => Math.floor(c / map.cellCols));
  const { error: mapError, signal: mapSignal } = map;
  for (let r = 0; r < rows; r++) {
    const row = row0 + r;
    const mapRow = Math.floor(row / map.cellRows) * map.cols;
    const rowEntry = Math.floor(row / byRow.step);
    eachRun(grid, row, (from, to, block) => {
      let error = 0;
      let signal = 0;
      let dot = 0;
      let energy = 0;
      let abs = 0;
      let max = 0;
      let count = 0;
      let zeros = 0;
      for (let c = from; c < to; c++) {
        const i = r * cols + c;
        const x = original[i];
        if (x - x !== 0) {
          into.nonFinite++;
          continue;
        }
        const y = result[i];
        count++;
        values[Math.floor(x * toBin) + VALUE_BINS / 2]++;
        const e = Math.fround(x - y);
        if (e - e !== 0) {
          into.brokenResults++;
          continue;
        }
        const xx = x * x;
        const ee = e * e;
        const a = e < 0 ? -e : e;
        error += ee;
        signal += xx;
        dot += x * y;
        energy += y * y;
        abs += a;
        if (a === 0) zeros++;
        else errorKeys[floatBits(a) >>> 21]++;
        if (a > max) max = a;
        const entry = entries[c];
        colError[entry] += ee;
        colSignal[entry] += xx;
        if (a > colMax[entry]) colMax[entry] = a;
        const cell = mapRow + cells[c];
        mapError[cell] += ee;
        mapSignal[cell] += xx;
      }
      into.count += count;
      into.errorZeros += zeros;
      into.signal += signal;
      into.error += error;
      into.dot += dot;
      into.energy += energy;
      into.absError += abs;
      if (max > into.maxAbs) into.maxAbs = max;
      addToProfile(blocks, Math.floor(block / blocks.step), error, signal, max);
      addToProfile(byRow, rowEntry, error, signal, max);
    });
  }
}

function addToProfile(profile: Profile, entry: number, error: number, signal: number, max: number): void {
  profile.error[entry] += error;
  profile.signal[entry] += signal;
  if (max > profile.maxAbs[entry]) profile.maxAbs[entry] = max;
}
