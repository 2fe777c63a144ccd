import type { Tile } from "../backend.ts";
import { floatBits } from "../exact/bits.ts";
import { blockOf, eachRun } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import type { Accumulator } from "../report/accumulator.ts";
import { VALUE_BINS } from "../report/bins.ts";

/**
 * Adds the error of a tile to the accumulator, element by element in row-major order. e = fl32(x - result); squares and
 * products are rounded to float32 too, as every backend forms them, and summed in float64.
 */
export function accumulate(plan: Plan, tile: Tile, result: Float32Array, into: Accumulator): void {
  const { grid } = plan;
  const { rows, cols, row0, original } = tile;
  const { values, errorKeys, map, rows: byRow, cols: byCol, blocks } = into;
  const toBin = 2 ** (8 - into.valueExponent);
  for (let r = 0; r < rows; r++) {
    const row = row0 + r;
    const mapRow = Math.floor(row / map.cellRows) * map.cols;
    const rowEntry = Math.floor(row / byRow.step);
    let [rowError, rowSignal, rowMax] = [0, 0, 0];
    eachRun(grid, row, (from, to, block) => {
      let [blockError, blockSignal, blockMax] = [0, 0, 0];
      for (let c = from; c < to; c++) {
        const i = r * cols + c;
        const x = original[i];
        if (x - x !== 0) {
          into.nonFinite++;
          continue;
        }
        const y = result[i];
        into.count++;
        values[Math.floor(x * toBin) + VALUE_BINS / 2]++;
        const xx = Math.fround(x * x);
        into.signal += xx;
        const e = Math.fround(x - y);
        if (e - e !== 0) {
          into.brokenResults++;
          continue;
        }
        const ee = Math.fround(e * e);
        const a = e < 0 ? -e : e;
        into.dot += Math.fround(x * y);
        into.energy += Math.fround(y * y);
        into.absError += a;
        if (a === 0) into.errorZeros++;
        else errorKeys[floatBits(a) >>> 21]++;
        blockError += ee;
        blockSignal += xx;
        if (a > blockMax) blockMax = a;
        const colEntry = byCol.step === 1 ? c : Math.floor(c / byCol.step);
        byCol.error[colEntry] += ee;
        byCol.signal[colEntry] += xx;
        if (a > byCol.maxAbs[colEntry]) byCol.maxAbs[colEntry] = a;
        const cell = mapRow + (map.cellCols === 1 ? c : Math.floor(c / map.cellCols));
        map.error[cell] += ee;
        map.signal[cell] += xx;
      }
      const entry = Math.floor(block / blocks.step);
      blocks.error[entry] += blockError;
      blocks.signal[entry] += blockSignal;
      if (blockMax > blocks.maxAbs[entry]) blocks.maxAbs[entry] = blockMax;
      rowError += blockError;
      rowSignal += blockSignal;
      if (blockMax > rowMax) rowMax = blockMax;
    });
    byRow.error[rowEntry] += rowError;
    byRow.signal[rowEntry] += rowSignal;
    if (rowMax > byRow.maxAbs[rowEntry]) byRow.maxAbs[rowEntry] = rowMax;
    into.error += rowError;
    if (rowMax > into.maxAbs) into.maxAbs = rowMax;
  }
}

/** Block index of an element, for callers that need one element alone. */
export const blockAt = (plan: Plan, row: number, col: number): number =>
  plan.grid.kind === "none" ? 0 : blockOf(plan.grid, row, col);
