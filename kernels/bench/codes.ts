/** Codes that are found for a whole matrix, of 2^20 values, beside NumPy and C where there are any. One thread. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";

const SIDE = 1024;
/** Those that take long are measured over a part, and told for the whole. */
const RECIPES: [recipe: string, rows: number, bar: number | null][] = [
  ["vq(4,256,seed=0)", SIDE, 5],
  ["kmeans(16)", SIDE, null],
  ["e8p", SIDE, 2],
  ["qtip(2)", 128, 90],
  ["qtip(2,book=hybrid)", 64, null],
  ["exl3(4)", 64, null],
  ["aqlm(8,2,8)", 256, null],
  ["turboquant(3)", 256, null],
  ["ecsq(2)", SIDE, null],
];

const milliseconds = () => Number(process.hrtime.bigint()) / 1e6;
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const numbersOf = (stdout: string) => stdout.trim().split(" ").map(Number);

/** Seconds of k-means and of E8P in NumPy; null where there is none. */
function numpySeconds(): number[] | null {
  const { status, stdout } = spawnSync("python3", [beside("codes-peer.py")], { encoding: "utf8" });
  return status === 0 ? numbersOf(stdout) : null;
}

/** Processor seconds of the walks through 4096 tiles, in C as the compiler makes it for this processor; null where there is none. */
function cSeconds(): number | null {
  const folder = mkdtempSync(join(tmpdir(), "codes-"));
  try {
    const program = join(folder, "peer");
    if (spawnSync("gcc", ["-O3", "-march=native", beside("codes-peer.c"), "-o", program]).status !== 0) return null;
    const { status, stdout } = spawnSync(program, ["16"], { encoding: "utf8" });
    return status === 0 ? numbersOf(stdout)[0] * 4096 : null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function benchCodes() {
  const backend = await createWasmBackend();
  const [numpy, c] = [numpySeconds(), cSeconds()];
  const peers: Record<string, [what: string, seconds: number | null]> = {
    vq: ["NumPy", numpy?.[0] ?? null],
    e8p: ["NumPy, all points", numpy?.[1] ?? null],
    qtip: ["C, gcc -O3", c],
  };
  const results = [];
  for (const [recipe, rows, bar] of RECIPES) {
    const values = normalValues(rows * SIDE, 5);
    const plan = planOf(recipe, rows, SIDE);
    let [longest, last] = [0, milliseconds()];
    const checkpoint = async () => {
      const now = milliseconds();
      longest = Math.max(longest, now - last);
      last = now;
    };
    const [before, used] = [milliseconds(), process.cpuUsage()];
    const { report } = await quantizeMatrix(matrixOf(values, rows, SIDE), plan, { backend, checkpoint, now: () => 0 });
    const { user, system } = process.cpuUsage(used);
    const whole = SIDE / rows;
    const [peer, seconds] = (recipe.includes("hybrid") ? null : peers[plan.code!.name]) ?? ["", null];
    results.push({
      recipe,
      measured: rows * SIDE,
      wall: ((milliseconds() - before) / 1000) * whole,
      processor: ((user + system) / 1e6) * whole,
      bar,
      longestPieceMs: longest,
      nmse: report.metrics.nmse!,
      ...(seconds !== null && { peer, peerSeconds: seconds }),
    });
  }
  return { values: SIDE * SIDE, results };
}
