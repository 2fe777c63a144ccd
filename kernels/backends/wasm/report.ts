import { floatBits } from "../../exact/bits.ts";
import type { Accumulator } from "../../measure/accumulator.ts";
import type { Plan } from "../../plan/plan.ts";
import { LEAST_TERM_EXPONENT, LOG_KEYS, TERM_EXPONENT, VALUE_BINS } from "../../report/bins.ts";
import type { Profile } from "../../report/report.ts";
import type { Scales } from "../../scales/resolve.ts";
import type { Tile } from "../backend.ts";
import { Field } from "./fields.ts";
import type { Machine } from "./machine.ts";
import { blocksOf } from "./windows.ts";

/** Squares of scaled results above this could overflow the float32 sums. */
const MOST_SUMMED = 2 ** 60;
/** Values and results from here on may lie further apart than float32 reaches. */
const MOST_APART = 2 ** 127;
/**
 * Scaled values from this on are summed in float32: what they differ from a float32 by is not zero only from 2^-25 of theirs
 * on, so that squares of errors are normal, too.
 */
const LEAST_SUMMED = 2 ** (LEAST_TERM_EXPONENT + 25);

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

export interface Range {
  least: number;
  most: number;
}

/** The least magnitude but zero, and the largest; NaN (poisoned blocks) left out. */
export function rangeOf(values: ArrayLike<number>): Range {
  let [least, most] = [Infinity, 0];
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (size > most) most = size;
    if (size > 0 && size < least) least = size;
  }
  return { least, most };
}

const scaleRanges = new WeakMap<Scales, Range>();
const levelRanges = new WeakMap<object, Range>();

/** The magnitudes of a quantizer's results but zero; of any float32 where there are no levels. */
export function resultRange({ element, levels }: Plan, scales: Scales): Range {
  const { ladder } = element;
  if (!ladder) return { least: Infinity, most: 0 };
  const ofScales = levels.length === 0 ? { least: 1, most: 1 } : (scaleRanges.get(scales) ?? rangeOf(scales.effective));
  if (levels.length > 0) scaleRanges.set(scales, ofScales);
  const ofLevels = levelRanges.get(ladder) ?? rangeOf(ladder.levels);
  levelRanges.set(ladder, ofLevels);
  return { least: ofLevels.least * ofScales.least, most: ladder.maxAbs * ofScales.most };
}

/** Values within two to these need no scaling: what is small beside them is added in float64. */
const [LEAST_PLAIN, MOST_PLAIN] = [-16, TERM_EXPONENT];

/** The power of two by which terms are scaled, as large as float32 has it, for values within 2^valueExponent. */
const termScaleOf = (valueExponent: number): number =>
  valueExponent >= LEAST_PLAIN && valueExponent <= MOST_PLAIN ? 1 : 2 ** Math.min(127, TERM_EXPONENT - valueExponent);

/** `results` are the magnitudes that results have before transforms are undone. Takes memory for what a tile adds to a report and tells the kernels where it is. */
export function startReport(machine: Machine, plan: Plan, tile: Tile, results: Range, into: Accumulator): ReportMemory {
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
  // Rotated back they may be a thousandfold.
  const most = results.most * (plan.transforms.length > 0 ? 2 ** 10 : 1);
  const termScale = termScaleOf(k);
  const leastSummed = LEAST_SUMMED / termScale;
  machine.set([
    [Field.countCodes, into.codes ? 1 : 0],
    [Field.termScale, termScale],
    [Field.careful, most * termScale > MOST_SUMMED || Math.max(2 ** k, most) >= MOST_APART ? 1 : 0],
    [Field.toBin, 2 ** (8 - k) / termScale],
    [Field.leastSummed, Math.max(1, floatBits(leastSummed))],
    [Field.faintResults, plan.transforms.length > 0 || results.least < leastSummed ? 1 : 0],
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

function addTo(target: Float64Array | Uint32Array, first: number, source: Float64Array | Uint32Array, unit = 1): void {
  for (let i = 0; i < source.length; i++) target[first + i] += source[i] * unit;
}

/** `unit` is what a scaled square stands for. */
function addProfile(machine: Machine, memory: ProfileMemory, unit: number, into: Profile): void {
  const { first, count } = memory;
  addTo(into.error, first, machine.doubles(memory.error, count), unit);
  addTo(into.signal, first, machine.doubles(memory.signal, count), unit);
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
  const termScale = termScaleOf(into.valueExponent);
  const unit = termScale ** -2;
  into.absError += abs / termScale;
  into.dot += dot * unit;
  into.energy += energy * unit;
  into.saturated += saturated;
  into.flushed += flushed;
  into.errorZeros += zeroErrors;
  const rows = memory.rows.count;
  const max = machine.floats(memory.rows.max, rows);
  const [error, signal] = [machine.doubles(memory.rows.error, rows), machine.doubles(memory.rows.signal, rows)];
  for (let i = 0; i < rows; i++) {
    into.error += error[i] * unit;
    into.signal += signal[i] * unit;
    if (max[i] > into.maxAbs) into.maxAbs = max[i];
  }
  addProfile(machine, memory.rows, unit, into.rows);
  addProfile(machine, memory.cols, unit, into.cols);
  if (memory.blocks) addBlocks(machine, plan, memory.blocks, unit, into.blocks);
  else addProfile(machine, memory.cols, unit, into.blocks);
  addTo(into.map.error, memory.map.first, machine.doubles(memory.map.error, memory.map.count), unit);
  addTo(into.map.signal, memory.map.first, machine.doubles(memory.map.signal, memory.map.count), unit);
  addTo(into.values, 0, machine.words(memory.values, VALUE_BINS));
  addTo(into.errorKeys, 0, machine.words(memory.errors, LOG_KEYS));
  if (into.codes) addTo(into.codes, 0, machine.words(memory.codes, into.codes.length));
}

/** Runs within rows belong to one tile alone, so that their entries need no adding. */
function addBlocks(machine: Machine, plan: Plan, memory: ProfileMemory, unit: number, into: Profile): void {
  if (plan.grid.kind !== "run" || into.step > 1 || unit !== 1) addProfile(machine, memory, unit, into);
  else {
    into.error.set(machine.doubles(memory.error, memory.count), memory.first);
    into.signal.set(machine.doubles(memory.signal, memory.count), memory.first);
    into.maxAbs.set(machine.floats(memory.max, memory.count), memory.first);
  }
}
