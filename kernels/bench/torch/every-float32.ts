/**
 * Casts every float32 there is, 4,294,967,296 of them, by wasm, and a part of them by the reference, and prints a sum of
 * the codes for each chunk of 2^20, which `every_float32.py` compares with PyTorch's casts:
 *
 *   npx tsx kernels/bench/torch/every-float32.ts > codes.jsonl && python3 kernels/bench/torch/every_float32.py codes.jsonl
 *
 * One process a core. `--chunks N` takes N of the 4,096 chunks, spread over all; `--reference N` sends every N-th of those
 * through the reference too, which is the slower by far; `--recipe R` takes one of the recipes.
 */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Backend, Tile } from "../../backends/backend.ts";
import { referenceBackend } from "../../backends/reference/backend.ts";
import { createWasmBackend } from "../../backends/wasm/index.ts";
import { codeCount, decode } from "../../formats/codes.ts";
import type { CodedFormat } from "../../formats/types.ts";
import { resolveScales } from "../../scales/resolve.ts";
import { makeStatistics } from "../../scales/statistics.ts";
import { planOf } from "../../testing/matrix.ts";

/** Recipes that cast as PyTorch does: beyond the range comes Inf, or NaN where there is none. */
const RECIPES = [
  "e4m3(sat=inf)",
  "e5m2(sat=inf)",
  "e4m3fnuz(sat=inf)",
  "e5m2fnuz(sat=inf)",
  "e8m0(sat=nan)",
  "f16(sat=inf)",
  "bf16(sat=inf)",
];
/** PyTorch's E8M0 takes the magnitude of negative numbers, and rounds these subnormals up although 2^-127 is nearer. */
const leftOut = (recipe: string, x: number) =>
  recipe.startsWith("e8m0") && (x <= 0 || (x > 2 ** -127 && x < 1.5 * 2 ** -127));
const CHUNK = 2 ** 20;
const CHUNKS = 2 ** 32 / CHUNK;
/** Stands for every NaN, and for what is left out. */
const NAN = 0xffff;

/** Below 2^16, so that a sum of CHUNK products of two such is a double. */
const weights = Uint32Array.from({ length: CHUNK }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 16) | 1);

/** A cast with its codes as they are summed: all NaN alike. */
function castOf(recipe: string) {
  const plan = planOf(recipe, 1, CHUNK);
  const format = plan.element.format as CodedFormat;
  const isNone = (code: number) => Number.isNaN(decode(format, code));
  const summed = Uint32Array.from({ length: codeCount(format) }, (_, code) => (isNone(code) ? NAN : code));
  return { recipe, plan, summed, scales: resolveScales(plan, makeStatistics(plan)) };
}

/** The sum of weighted codes of a chunk. */
async function sumOf(
  { recipe, plan, summed, scales }: ReturnType<typeof castOf>,
  backend: Backend,
  values: Float32Array,
) {
  const tile: Tile = { row0: 0, rows: 1, cols: CHUNK, original: values, input: values };
  const { codes } = await backend.encode(plan, tile, scales);
  let sum = 0;
  for (let i = 0; i < CHUNK; i++) {
    const x = values[i];
    sum += (Number.isNaN(x) || leftOut(recipe, x) ? NAN : summed[codes![i]]) * weights[i];
  }
  return sum;
}

/** Chunks as numbers of 2^20 float32 each. */
async function castAll(
  recipes: readonly string[],
  chunks: readonly number[],
  toReference: (chunk: number) => boolean,
): Promise<void> {
  const wasm = await createWasmBackend();
  const casts = recipes.map(castOf);
  const bits = new Uint32Array(CHUNK);
  const values = new Float32Array(bits.buffer);
  for (const chunk of chunks) {
    for (let i = 0; i < CHUNK; i++) bits[i] = chunk * CHUNK + i;
    for (const backend of toReference(chunk) ? [wasm, referenceBackend] : [wasm]) {
      for (const cast of casts) {
        const line = { recipe: cast.recipe, backend: backend.name, chunk, sum: await sumOf(cast, backend, values) };
        process.stdout.write(`${JSON.stringify(line)}\n`);
      }
    }
  }
}

const { values: options } = parseArgs({
  options: {
    chunks: { type: "string", default: String(CHUNKS) },
    reference: { type: "string", default: "16" },
    process: { type: "string" },
    recipe: { type: "string", multiple: true, default: RECIPES },
  },
});
const processes = availableParallelism();
const spread = CHUNKS / Number(options.chunks);
if (options.process === undefined) {
  for (let k = 0; k < processes; k++) fork(process.argv[1], [...process.argv.slice(2), "--process", String(k)]);
} else {
  const own = Number(options.process);
  const all = Array.from({ length: Number(options.chunks) }, (_, k) => k);
  const chunks = all.filter((k) => k % processes === own).map((k) => k * spread);
  await castAll(
    options.recipe,
    chunks,
    (chunk) => Math.floor(chunk / spread / processes) % Number(options.reference) === 0,
  );
}
