/**
 * How fast the wasm kernels are, as ratios measured in the same run; a part of `npm run bench`. The floor is one read of
 * the tensor in wasm (a SIMD absmax over the same memory); the peers are the reference backend and a straightforward loop
 * in JavaScript. Figures are processor time of one thread.
 */
import type { Backend, Tile } from "../backends/backend.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { plainReport } from "../backends/wasm/plain.ts";
import { makeAccumulator } from "../measure/accumulator.ts";
import { valueRangeExponent } from "../report/bins.ts";
import { resolveScales } from "../scales/resolve.ts";
import { makeStatistics } from "../scales/statistics.ts";
import { normalValues, planOf } from "../testing/matrix.ts";

const COLS = 4096;
const TILE = 2 ** 20;
const REPETITIONS = 7;
const RECIPES = ["int4/128", "int4/128:f16", "mxfp4", "nvfp4", "e4m3/row", "nf4/64", "int4(asym)/128:f16"];

const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1];

/** What is measured: the backend, and a matrix of whole rows. */
interface Bench {
  wasm: Backend;
  rows: number;
  values: Float32Array;
  amax: number;
}

/** Tiles of whole rows over one array. */
function* tilesOf({ rows, values }: Bench): Generator<Tile> {
  const step = Math.max(1, Math.floor(TILE / COLS));
  for (let row0 = 0; row0 < rows; row0 += step) {
    const count = Math.min(step, rows - row0);
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
async function fullReport(backend: Backend, text: string, bench: Bench) {
  const plan = planOf(text, bench.rows, COLS);
  const start = cpu();
  const statistics = makeStatistics(plan);
  for (const tile of tilesOf(bench)) await backend.statistics(plan, tile, statistics);
  const counted = cpu();
  const scales = resolveScales(plan, statistics);
  const resolved = cpu();
  const into = makeAccumulator(plan, valueRangeExponent(bench.amax));
  for (const tile of tilesOf(bench)) await backend.quantize(plan, tile, scales, into);
  return { kernels: counted - start + (cpu() - resolved), scales: resolved - counted };
}

/** One read of the tensor: the statistics of a recipe with one scale for all, on the same way into wasm memory. */
async function oneRead(bench: Bench): Promise<number> {
  const plan = planOf("int8/tensor", bench.rows, COLS);
  const statistics = makeStatistics(plan);
  const start = cpu();
  for (const tile of tilesOf(bench)) await bench.wasm.statistics(plan, tile, statistics);
  return cpu() - start;
}

const rounded = (x: number, digits = 2) => Number(x.toFixed(digits));

/** One row of the table: ratios of neighbouring runs, their medians over the repetitions. */
async function measure(bench: Bench, recipe: string) {
  const { wasm, rows, values, amax } = bench;
  const plain = plainReport(recipe);
  const [kernels, scales, reads, overRead, overPlain]: number[][] = [[], [], [], [], []];
  for (let k = 0; k <= REPETITIONS; k++) {
    const read = await oneRead(bench);
    const full = await fullReport(wasm, recipe, bench);
    const start = cpu();
    // The first rounds compile.
    if (plain && k < 5) plain(values, rows, COLS, amax);
    const peer = cpu() - start;
    if (k === 0) continue;
    kernels.push(full.kernels);
    scales.push(full.scales);
    reads.push(read);
    overRead.push(full.kernels / read);
    if (plain && k < 5) overPlain.push(peer / full.kernels);
  }
  const reference = await fullReport(referenceBackend, recipe, bench);
  const perSecond = (ms: number) => Math.round((rows * COLS) / ms / 1000);
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

/** The rows of the table, and the increments that every report needs: beside one read they are its floor. */
export async function benchReports(elements: number) {
  const rows = Math.ceil(elements / COLS);
  const wasm = await createWasmBackend();
  const values = normalValues(rows * COLS).map((x) => x * 0.02);
  const amax = values.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const table = [];
  for (const recipe of RECIPES) table.push(await measure({ wasm, rows, values, amax }, recipe));
  return { elements: rows * COLS, repetitions: REPETITIONS, table, nsAnIncrement: await incrementTime(values) };
}

/** Two tables and 2^16 offsets into them, from the start of memory. */
const INCREMENTS = `
export function increment(): void {
  for (let at: usize = 8192; at < 8192 + 65536 * 4; at += 8) {
    const a = <usize>load<u32>(at);
    store<u32>(a, load<u32>(a) + 1);
    const b = <usize>load<u32>(at, 4) + 4096;
    store<u32>(b, load<u32>(b) + 1);
  }
}`;

/**
 * Nanoseconds that adding one to an entry of a table takes in wasm, the entries being those of a report's histogram of
 * values and neighbours counting in two tables: a load of the entry's place, a load, an addition, a store.
 */
async function incrementTime(values: Float32Array): Promise<number> {
  const { default: asc } = await import("assemblyscript/asc");
  const { binary, stderr } = await asc.compileString(INCREMENTS, {
    ...{ optimizeLevel: 3, runtime: "stub", memoryBase: 2 ** 19, initialMemory: 16, noExportMemory: false },
  });
  if (!binary) throw new Error(stderr.toString());
  const { instance } = await WebAssembly.instantiate(binary as Uint8Array<ArrayBuffer>);
  const { memory, increment } = instance.exports as unknown as { memory: WebAssembly.Memory; increment(): void };
  const offsets = new Uint32Array(memory.buffer, 8192, 2 ** 16);
  offsets.set(Uint32Array.from(values.subarray(0, offsets.length), (x) => 4 * (256 + Math.floor(x * 1024))));
  const times: number[] = [];
  for (let k = 0; k < 40; k++) {
    const start = cpu();
    for (let again = 0; again < 16; again++) increment();
    times.push(cpu() - start);
  }
  return rounded((median(times.slice(20)) * 1e6) / (16 * offsets.length));
}
