/**
 * How long the search of `~mse` takes, beside one read of the same values in wasm, beside its own definition in TypeScript,
 * and beside `~shrink`, the search it was before; a part of `npm run bench`. Processor time of one thread.
 */

import { createWasmBackend } from "../backends/wasm/index.ts";
import { wasmTrials } from "../backends/wasm/trials.ts";
import { searchBlocks } from "../scales/search.ts";
import { addStatistics, makeStatistics } from "../scales/statistics.ts";
import type { Trials } from "../scales/trials.ts";
import { normalValues, planOf } from "../testing/matrix.ts";

const COLS = 4096;
const TILE_ROWS = 16;
/** Rows for the slow ones: a value takes them as long as another. */
const FEW_ROWS = 16;
const REPETITIONS = 3;
/** A recipe, and what its search was before. */
const RECIPES: [string, string][] = [
  ["int4/128~mse", "int4/128~shrink"],
  ["int4/128~mse(p=2.4)", "int4/128~shrink(p=2.4)"],
  ["int4(asym)/128~mse:f16", "int4(asym)/128~shrink:f16"],
  ["nf4/64~mse", "nf4/64~shrink"],
  ["mxfp4~mse", "mxfp4~shrink"],
  ["nvfp4~mse", "nvfp4~shrink"],
];

const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1];
const rounded = (x: number, digits = 1) => Number(x.toFixed(digits));

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Nanoseconds a value. */
function searchTime(recipe: string, values: Float32Array, rows: number, trials?: Trials): number {
  const plan = planOf(recipe, rows, COLS);
  const stats = makeStatistics(plan);
  addStatistics(plan, values, 0, rows, stats);
  const start = cpu();
  for (let row = 0; row < rows; row += TILE_ROWS) {
    const count = Math.min(TILE_ROWS, rows - row);
    searchBlocks(plan, values.subarray(row * COLS, (row + count) * COLS), row, count, stats, trials);
  }
  return ((cpu() - start) * 1e6) / (rows * COLS);
}

async function readTime(values: Float32Array, rows: number): Promise<number> {
  const wasm = await createWasmBackend();
  const plan = planOf("int8/tensor", rows, COLS);
  const times: number[] = [];
  for (let k = 0; k <= REPETITIONS; k++) {
    const stats = makeStatistics(plan);
    const start = cpu();
    const original = values.subarray(0, rows * COLS);
    await wasm.statistics(plan, { row0: 0, rows, cols: COLS, original, input: original }, stats);
    if (k > 0) times.push(((cpu() - start) * 1e6) / (rows * COLS));
  }
  return median(times);
}

export async function benchSearches(elements: number) {
  const rows = Math.max(1, Math.ceil(elements / COLS));
  const few = Math.min(rows, FEW_ROWS);
  const values = normalValues(rows * COLS);
  const trials = await wasmTrials();
  const read = await readTime(values, rows);
  const table = RECIPES.map(([recipe, before]) => {
    const fast = Array.from({ length: REPETITIONS + 1 }, () => searchTime(recipe, values, rows, trials)).slice(1);
    const plain = median(Array.from({ length: REPETITIONS }, () => searchTime(recipe, values, few)));
    const shrink = median(Array.from({ length: REPETITIONS }, () => searchTime(before, values, few)));
    const ns = median(fast);
    return {
      recipe,
      "ns a value": rounded(ns),
      "of one read": rounded(ns / read),
      "reference over it": rounded(plain / ns),
      "~shrink over it": rounded(shrink / ns),
    };
  });
  return { elements: rows * COLS, nsARead: rounded(read, 3), table };
}
