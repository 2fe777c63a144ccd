import type { Tile } from "../backend.ts";
import { floatBits } from "../exact/bits.ts";
import type { Plan } from "../plan/plan.ts";
import type { Accumulator } from "../report/accumulator.ts";
import { LOG_KEYS, VALUE_BINS } from "../report/bins.ts";
import type { Profile } from "../report.ts";
import type { Scales } from "../scales/resolve.ts";
import { Field } from "./fields.ts";
import type { Machine } from "./machine.ts";
import { blocksOf } from "./windows.ts";

/** Squares of greater values could overflow the float32 sums (a rotation may enlarge results a thousandfold). */
const CAREFUL = 2 ** 50;

/** Sums of a profile in wasm memory: entries [first, first + count) of the accumulator's. */
interface ProfileMemory {
  first: number;
  count: number;
  error: number;
  signal: number;
  max: number;
}

/** Where the kernels leave what a tile adds to an accumulator. */
export interface ReportMemory {
  rows: ProfileMemory;
  cols: ProfileMemory;
  /** `null` where the columns are the blocks. */
  blocks: ProfileMemory | null;
  map: { first: number; count: number; error: number; signal: number };
  values: number;
  errors: number;
  codes: number;
}

function takeProfile(machine: Machine, step: number, from: number, to: number): ProfileMemory {
  const first = Math.floor(from / step);
  const count = Math.floor((to - 1) / step) + 1 - first;
  const { heap } = machine;
  return { first, count, error: heap.take(8 * count), signal: heap.take(8 * count), max: heap.take(4 * count) };
}

const largestScales = new WeakMap<Scales, number>();

/** Largest magnitude of a scale in force; NaN (poisoned blocks) left out. */
function largestScale(scales: Scales): number {
  const known = largestScales.get(scales);
  if (known !== undefined) return known;
  let most = 0;
  for (const s of scales.effective) if (Math.abs(s) > most) most = Math.abs(s);
  largestScales.set(scales, most);
  return most;
}

/** Takes memory for what a tile adds to a report and tells the kernels where it is. */
export function startReport(machine: Machine, plan: Plan, tile: Tile, scales: Scales, into: Accumulator): ReportMemory {
  const { map, valueExponent: k } = into;
  const { first, count } = blocksOf(plan.grid, tile);
  const mapRow0 = Math.floor(tile.row0 / map.cellRows);
  const mapCells = (Math.floor((tile.row0 + tile.rows - 1) / map.cellRows) + 1 - mapRow0) * map.cols;
  const memory: ReportMemory = {
    rows: takeProfile(machine, into.rows.step, tile.row0, tile.row0 + tile.rows),
    cols: takeProfile(machine, into.cols.step, 0, plan.cols),
    blocks: plan.grid.kind === "col" ? null : takeProfile(machine, into.blocks.step, first, first + count),
    map: {
      first: mapRow0 * map.cols,
      count: mapCells,
      error: machine.heap.take(8 * mapCells),
      signal: machine.heap.take(8 * mapCells),
    },
    values: machine.heap.take(4 * VALUE_BINS),
    errors: machine.heap.take(4 * LOG_KEYS),
    codes: machine.heap.take(4 * Math.max(256, into.codes?.length ?? 0)),
  };
  const { rows, cols, blocks } = memory;
  const largestResult = plan.element.ladder ? largestScale(scales) * plan.element.ladder.maxAbs : 0;
  machine.set([
    [Field.countCodes, into.codes ? 1 : 0],
    [Field.careful, k > 50 || k < -100 || largestResult > CAREFUL ? 1 : 0],
    [Field.toBin, 2 ** (8 - k)],
    // x * 2^(8 - k) must stay above half the least float32.
    [Field.leastBinned, k > 8 ? floatBits(2 ** (k - 157)) : 1],
    [Field.cellRows, map.cellRows],
    [Field.cellCols, map.cellCols],
    [Field.mapCols, map.cols],
    [Field.mapRow0, mapRow0],
    [Field.rowStep, into.rows.step],
    [Field.colStep, into.cols.step],
    [Field.blockStep, into.blocks.step],
    [Field.firstRowEntry, rows.first],
    [Field.firstEntry, blocks?.first ?? 0],
    [Field.rowError, rows.error],
    [Field.rowSignal, rows.signal],
    [Field.rowMax, rows.max],
    [Field.colError, cols.error],
    [Field.colSignal, cols.signal],
    [Field.colMax, cols.max],
    [Field.blockError, blocks?.error ?? 0],
    [Field.blockSignal, blocks?.signal ?? 0],
    [Field.blockMax, blocks?.max ?? 0],
    [Field.mapError, memory.map.error],
    [Field.mapSignal, memory.map.signal],
    [Field.valueCounts, memory.values],
    [Field.errorCounts, memory.errors],
    [Field.codeCounts, memory.codes],
  ]);
  new Float64Array(machine.heap.buffer, machine.kernels.sumsAddress(), 16).fill(0);
  return memory;
}

function addTo(target: Float64Array | Uint32Array, first: number, source: Float64Array | Uint32Array): void {
  for (let i = 0; i < source.length; i++) target[first + i] += source[i];
}

function addProfile(machine: Machine, memory: ProfileMemory, into: Profile): void {
  const { first, count } = memory;
  addTo(into.error, first, machine.doubles(memory.error, count));
  addTo(into.signal, first, machine.doubles(memory.signal, count));
  const max = machine.floats(memory.max, count);
  for (let i = 0; i < count; i++) if (max[i] > into.maxAbs[first + i]) into.maxAbs[first + i] = max[i];
}

/** Adds what the kernels left in memory to the accumulator. */
export function finishReport(machine: Machine, plan: Plan, memory: ReportMemory, into: Accumulator): void {
  const sums = machine.doubles(machine.kernels.sumsAddress(), 16);
  const [count, nonFinite, broken, abs, dot, energy, saturated, flushed, zeroErrors] = sums;
  into.count += count;
  into.nonFinite += nonFinite;
  into.brokenResults += broken;
  into.absError += abs;
  into.dot += dot;
  into.energy += energy;
  into.saturated += saturated;
  into.flushed += flushed;
  into.errorZeros += zeroErrors;
  const rows = memory.rows.count;
  const max = machine.floats(memory.rows.max, rows);
  const [error, signal] = [machine.doubles(memory.rows.error, rows), machine.doubles(memory.rows.signal, rows)];
  for (let i = 0; i < rows; i++) {
    into.error += error[i];
    into.signal += signal[i];
    if (max[i] > into.maxAbs) into.maxAbs = max[i];
  }
  addProfile(machine, memory.rows, into.rows);
  addProfile(machine, memory.cols, into.cols);
  if (memory.blocks) addBlocks(machine, plan, memory.blocks, into.blocks);
  else addProfile(machine, memory.cols, into.blocks);
  addTo(into.map.error, memory.map.first, machine.doubles(memory.map.error, memory.map.count));
  addTo(into.map.signal, memory.map.first, machine.doubles(memory.map.signal, memory.map.count));
  addTo(into.values, 0, machine.words(memory.values, VALUE_BINS));
  addTo(into.errorKeys, 0, machine.words(memory.errors, LOG_KEYS));
  if (into.codes) addTo(into.codes, 0, machine.words(memory.codes, into.codes.length));
}

/** Runs within rows belong to one tile alone, so that their entries need no adding. */
function addBlocks(machine: Machine, plan: Plan, memory: ProfileMemory, into: Profile): void {
  if (plan.grid.kind !== "run" || into.step > 1) addProfile(machine, memory, into);
  else {
    into.error.set(machine.doubles(memory.error, memory.count), memory.first);
    into.signal.set(machine.doubles(memory.signal, memory.count), memory.first);
    into.maxAbs.set(machine.floats(memory.max, memory.count), memory.first);
  }
}
