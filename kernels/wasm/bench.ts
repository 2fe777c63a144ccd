/**
 * How fast the wasm kernels are, as ratios measured in the same run: `npx tsx kernels/wasm/bench.ts [elements]`.
 * The floor is one read of the tensor in wasm (a SIMD absmax over the same memory); the peers are the reference backend and
 * a straightforward loop in JavaScript. Prints a table, then one line of JSON.
 */
import { performance } from "node:perf_hooks";
import type { Backend, Tile } from "../backend.ts";
import { referenceBackend } from "../reference/backend.ts";
import { makeAccumulator } from "../report/accumulator.ts";
import { valueRangeExponent } from "../report/bins.ts";
import { resolveScales } from "../scales/resolve.ts";
import { makeStatistics } from "../scales/statistics.ts";
import { normalValues, planOf } from "../testing/matrix.ts";
import { createWasmBackend } from "./index.ts";
import { plainReport } from "./plain.ts";

const COLS = 4096;
const ELEMENTS = Number(process.argv[2] ?? 2 ** 24);
const ROWS = Math.ceil(ELEMENTS / COLS);
const TILE = 2 ** 20;
const REPETITIONS = 7;
const RECIPES = ["int4/128", "int4/128:f16", "mxfp4", "nvfp4", "e4m3/row", "nf4/64", "int4(asym)/128:f16"];

const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1];

/** Tiles of whole rows over one array. */
function* tilesOf(values: Float32Array): Generator<Tile> {
  const rows = Math.max(1, Math.floor(TILE / COLS));
  for (let row0 = 0; row0 < ROWS; row0 += rows) {
    const count = Math.min(rows, ROWS - row0);
    const original = values.subarray(row0 * COLS, (row0 + count) * COLS);
    yield { row0, rows: count, cols: COLS, original, input: original };
  }
}

/** The whole way of a tensor whose amax is known: statistics, scales, report. Milliseconds. */
async function fullReport(backend: Backend, text: string, values: Float32Array, amax: number) {
  const plan = planOf(text, ROWS, COLS);
  const start = performance.now();
  const statistics = makeStatistics(plan);
  for (const tile of tilesOf(values)) await backend.statistics(plan, tile, statistics);
  const counted = performance.now();
  const scales = resolveScales(plan, statistics);
  const into = makeAccumulator(plan, valueRangeExponent(amax));
  const resolved = performance.now();
  for (const tile of tilesOf(values)) await backend.quantize(plan, tile, scales, into);
  const end = performance.now();
  return { kernels: counted - start + (end - resolved), scales: resolved - counted };
}

/** One read of the tensor: the statistics of a recipe with one scale for all, on the same way into wasm memory. */
async function oneRead(backend: Backend, values: Float32Array): Promise<number> {
  const plan = planOf("int8/tensor", ROWS, COLS);
  const statistics = makeStatistics(plan);
  const start = performance.now();
  for (const tile of tilesOf(values)) await backend.statistics(plan, tile, statistics);
  return performance.now() - start;
}

async function main(): Promise<void> {
  const wasm = await createWasmBackend();
  const values = normalValues(ROWS * COLS).map((x) => x * 0.02);
  const amax = values.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const rows = [];
  for (const recipe of RECIPES) {
    const [reads, kernels, scales, plain]: number[][] = [[], [], [], []];
    const known = plainReport(recipe);
    for (let k = 0; k <= REPETITIONS; k++) {
      const read = await oneRead(wasm, values);
      const full = await fullReport(wasm, recipe, values, amax);
      // The first round compiles.
      if (k === 0) continue;
      reads.push(read);
      kernels.push(full.kernels);
      scales.push(full.scales);
      if (!known || k > 3) continue;
      const start = performance.now();
      known(values, ROWS, COLS, amax);
      plain.push(performance.now() - start);
    }
    const reference = await fullReport(referenceBackend, recipe, values, amax);
    const ms = median(kernels);
    rows.push({
      recipe,
      "wasm ms": Number(ms.toFixed(1)),
      "M values/s": Math.round((ROWS * COLS) / ms / 1000),
      "reads of the tensor": Number((ms / median(reads)).toFixed(2)),
      "M values/s read": Math.round((ROWS * COLS) / median(reads) / 1000),
      "faster than plain loop": known ? Number((median(plain) / ms).toFixed(2)) : null,
      "faster than reference": Number((reference.kernels / ms).toFixed(2)),
      "scales ms": Number(median(scales).toFixed(1)),
    });
  }
  console.table(rows);
  console.log(JSON.stringify({ elements: ROWS * COLS, node: process.version, repetitions: REPETITIONS, rows }));
}

await main();
