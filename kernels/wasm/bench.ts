/**
 * How fast the wasm kernels are, as ratios measured in the same run: `npx tsx kernels/wasm/bench.ts [elements]`.
 * The floor is one read of the tensor in wasm (a SIMD absmax over the same memory); the peers are the reference backend and
 * a straightforward loop in JavaScript. Figures are processor time of one thread. Prints a table, then one line of JSON.
 */
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

/** Milliseconds of processor time of this process: what others on the machine do counts less than with a clock. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The whole way of a tensor whose amax is known: statistics, scales, report. */
async function fullReport(backend: Backend, text: string, values: Float32Array, amax: number) {
  const plan = planOf(text, ROWS, COLS);
  const start = cpu();
  const statistics = makeStatistics(plan);
  for (const tile of tilesOf(values)) await backend.statistics(plan, tile, statistics);
  const counted = cpu();
  const scales = resolveScales(plan, statistics);
  const resolved = cpu();
  const into = makeAccumulator(plan, valueRangeExponent(amax));
  for (const tile of tilesOf(values)) await backend.quantize(plan, tile, scales, into);
  return { kernels: counted - start + (cpu() - resolved), scales: resolved - counted };
}

/** One read of the tensor: the statistics of a recipe with one scale for all, on the same way into wasm memory. */
async function oneRead(backend: Backend, values: Float32Array): Promise<number> {
  const plan = planOf("int8/tensor", ROWS, COLS);
  const statistics = makeStatistics(plan);
  const start = cpu();
  for (const tile of tilesOf(values)) await backend.statistics(plan, tile, statistics);
  return cpu() - start;
}

const rounded = (x: number, digits = 2) => Number(x.toFixed(digits));

/** One row of the table: ratios of neighbouring runs, their medians over the repetitions. */
async function measure(wasm: Backend, recipe: string, values: Float32Array, amax: number) {
  const plain = plainReport(recipe);
  const [kernels, scales, reads, overRead, overPlain]: number[][] = [[], [], [], [], []];
  for (let k = 0; k <= REPETITIONS; k++) {
    const read = await oneRead(wasm, values);
    const full = await fullReport(wasm, recipe, values, amax);
    const start = cpu();
    // The first rounds compile.
    if (plain && k < 5) plain(values, ROWS, COLS, amax);
    const peer = cpu() - start;
    if (k === 0) continue;
    kernels.push(full.kernels);
    scales.push(full.scales);
    reads.push(read);
    overRead.push(full.kernels / read);
    if (plain && k < 5) overPlain.push(peer / full.kernels);
  }
  const reference = await fullReport(referenceBackend, recipe, values, amax);
  const perSecond = (ms: number) => Math.round((ROWS * COLS) / ms / 1000);
  return {
    recipe,
    "report, ms": rounded(median(kernels), 1),
    "M values/s": perSecond(median(kernels)),
    "of one read": rounded(median(overRead)),
    "M values/s read": perSecond(median(reads)),
    "plain loop over it": plain ? rounded(median(overPlain)) : null,
    "reference over it": rounded(reference.kernels / median(kernels)),
    "scales (TypeScript), ms": rounded(median(scales), 1),
  };
}

async function main(): Promise<void> {
  const wasm = await createWasmBackend();
  const values = normalValues(ROWS * COLS).map((x) => x * 0.02);
  const amax = values.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const rows = [];
  for (const recipe of RECIPES) rows.push(await measure(wasm, recipe, values, amax));
  console.table(rows);
  console.log(JSON.stringify({ elements: ROWS * COLS, node: process.version, repetitions: REPETITIONS, rows }));
}

await main();
