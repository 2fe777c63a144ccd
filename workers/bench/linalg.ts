/**
 * The part of `npm run bench` about linear algebra: `tsx workers/bench/linalg.ts [--side N] [--threads N]`. Beside each figure stands
 * what numpy took in the same run on as many threads, and how much of the fastest that the kernels' tile can go was reached.
 * Prints a table, and at last one line of JSON.
 */
import "../../kernels/notation/all.ts";
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  cholesky,
  type Dense,
  dense,
  eigh,
  gram,
  inverse,
  inverseFactor,
  multiply,
  qr,
  type Run,
  truncatedSvd,
} from "../../kernels/linalg/index.ts";
import { instantiate } from "../../kernels/linalg/module.ts";
import { lcgValues } from "../../kernels/testing/matrix.ts";
import { nodePool } from "../linalg/node.ts";

const { values: options } = parseArgs({
  options: {
    side: { type: "string", default: "4096" },
    threads: { type: "string", default: String(availableParallelism()) },
  },
});
const side = Number(options.side);
const threads = Number(options.threads);
const RANK = 64;
/** Rounds of a randomised SVD where a few suffice, as for spectra that fall. */
const ROUNDS = 4;

interface Seconds {
  wall: number;
  processor: number;
}

const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Operations a second that the tile does over operands in the first cache, in thousands of millions. */
async function tileSpeed(): Promise<number> {
  const { memory, heapAddress, multiplyAdd } = await instantiate();
  const [m, n, k] = [32, 32, 128];
  memory.grow(4);
  const a = heapAddress();
  const [b, c] = [a + m * k * 8, a + (m + n) * k * 8];
  new Float64Array(memory.buffer, a, (m + n) * k + m * n).fill(1e-3);
  let best = 0;
  for (let round = 0; round < 30; round++) {
    const since = processor();
    for (let i = 0; i < 400; i++) multiplyAdd(a, k * 32, b, k * 32, m, n, k, c, n * 8);
    best = Math.max(best, (400 * 2 * m * n * k) / (processor() - since) / 1e9);
  }
  return best;
}

async function seconds(work: () => Promise<unknown>): Promise<Seconds> {
  const [since, used] = [performance.now(), processor()];
  await work();
  return { wall: (performance.now() - since) / 1000, processor: processor() - used };
}

/** What numpy took, or null where there is none. */
function numpy(): Record<string, Seconds> | null {
  const script = fileURLToPath(new URL("./linalg-peer.py", import.meta.url));
  const env = { ...process.env, OPENBLAS_NUM_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
  const { status, stdout } = spawnSync("python3", [script, String(side), String(ROUNDS)], { env, encoding: "utf8" });
  return status === 0 ? JSON.parse(stdout) : null;
}

const floats = lcgValues(2 * side * side);
const square: Dense = dense(side, side, Float64Array.from(floats.subarray(0, side * side)));
const pool = nodePool(threads);
const run: Run = { pool };
// The threads start, and the kernels are compiled.
await multiply(dense(512, 512), dense(512, 512), {}, run);
const damped = await gram(floats.subarray(0, side * side), side, run);
for (let i = 0; i < side; i++) damped.values[i * side + i] += 1;

const quarter = Math.ceil(side / 4);
const symmetric = await gram(floats.subarray(0, quarter * quarter), quarter, run);

/** What is measured, its operations, its bar in seconds at a side of 4096, and what numpy calls it. */
const works: [what: string, operations: number, bar: number | null, peer: string | null, () => Promise<unknown>][] = [
  [`Gram matrix, ${2 * side} tokens of float32`, 2 * side ** 3, 10, "gram", () => gram(floats, side, run)],
  ["Cholesky", side ** 3 / 3, null, "cholesky", () => cholesky(damped, run)],
  ["Cholesky and inverse", side ** 3, 6, "inverse", () => inverse(damped, run)],
  ["inverse's factor (GPTQ)", (2 * side ** 3) / 3, null, null, () => inverseFactor(damped, run)],
  ["product", 2 * side ** 3, null, "multiply", () => multiply(square, square, {}, run)],
  [
    `randomised SVD, rank ${RANK}, ${ROUNDS} rounds`,
    4 * ROUNDS * side ** 2 * (RANK + 8),
    4,
    "svd",
    () => truncatedSvd(square, RANK, { ...run, rounds: ROUNDS }),
  ],
  [`the same of noise, 30 rounds`, 4 * 30 * side ** 2 * (RANK + 8), null, null, () => truncatedSvd(square, RANK, run)],
  ["QR", (8 * side ** 3) / 3, null, "qr", () => qr(square, run)],
  [`eigenvectors, side ${quarter}`, 9 * quarter ** 3, null, "eigh", () => eigh(symmetric, run)],
];

const tile = await tileSpeed();
const measured = [];
for (const [what, operations, bar, peer, work] of works) {
  measured.push({ what, operations, bar: side === 4096 ? bar : null, peer, ...(await seconds(work)) });
}
pool.dispose();
const peers = numpy();

process.stdout.write(
  `\nLinear algebra in float64: side ${side}, ${threads} threads, ${peers ? `numpy on ${threads} threads` : "no python3 with numpy here"}; ` +
    `the tile alone does ${tile.toFixed(1)} GFLOP/s on one core\n`,
);
console.table(
  measured.map(({ what, operations, bar, peer, wall, processor: used }) => ({
    what,
    s: Number(wall.toFixed(2)),
    "bar, s": bar,
    "processor, s": Number(used.toFixed(2)),
    "GFLOP/s of a core": Number((operations / used / 1e9).toFixed(1)),
    "of the tile": Number((operations / used / 1e9 / tile).toFixed(2)),
    "numpy, s": peer && peers ? Number(peers[peer].wall.toFixed(2)) : null,
    "numpy processor, s": peer && peers ? Number(peers[peer].processor.toFixed(2)) : null,
  })),
);
process.stdout.write(`${JSON.stringify({ linalg: { side, threads, tile, measured, numpy: peers } })}\n`);
process.exit();
