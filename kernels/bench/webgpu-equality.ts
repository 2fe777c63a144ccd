/**
 * Compares a GPU with the reference: `node equality.mjs FILE...`, bundled from this file, or `npx tsx` with it.
 * Every recipe of `kernels/testing` over every tensor of the safetensors files named (F32 or BF16), every bfloat16, the
 * values of the golden packed tensors, ugly matrices and random recipes over random matrices; then every recipe of sweeps
 * over the same matrices. Codes, results, scales, counts, histograms and maxima must be equal to the bit, sums agree to a
 * part in a million. Prints how many runs were made, which were refused and why, and each difference; ends with status 1
 * where there is one. The environment variables DAWN, SEED, RUNS and EVERY name Dawn's addon, the seed, the number of
 * random runs, and that only every so many of the listed ones are wanted.
 */
import "../notation/all.ts";
import fc from "fast-check";
import type { Backend } from "../backends/backend.ts";
import { nearTies } from "../backends/hostile-values.ts";
import { createWebgpuBackend } from "../backends/webgpu/backend.ts";
import { startDawn } from "../backends/webgpu/device/dawn.ts";
import { requestComputeDevice } from "../backends/webgpu/device/device.ts";
import { createWebgpuSweep } from "../backends/webgpu/sweep/backend.ts";
import { sweepDifference } from "../sweep/compare.ts";
import {
  anyRun,
  blockRun,
  CASTS,
  everyBf16,
  misfit,
  PACKED,
  packedValues,
  RECIPES,
  uglyMatrices,
} from "../testing/equality-cases.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";
import { compareRun, type TestMatrix } from "../testing/runs.ts";
import { readSafetensors } from "../testing/safetensors.ts";
import { SWEEP_RECIPES } from "../testing/sweep-cases.ts";

const SEED = Number(process.env.SEED ?? 1);
const RUNS = Number(process.env.RUNS ?? 1000);
/** Of the listed runs, of the recipes of sweeps and of the matrices swept, every so many are taken. */
const EVERY = Number(process.env.EVERY ?? 1);
/** Every second run comes in tiles of about so many elements, so that what tiles have in common is compared, too. */
const TILE_ELEMENTS = 10_000;
/** Sweeps take hundreds of recipes at once: the reference would take minutes for larger matrices. */
const MOST_SWEPT = 50_000;
/** Of the random matrices. */
const MATRICES_SWEPT = 40;
const DIFFERENCES_SHOWN = 20;

/** What was compared, and what came of it. */
class Tally {
  compared = 0;
  rotated = 0;
  atOnce = 0;
  readonly refused = new Map<string, number>();
  readonly differences: string[] = [];

  refuse(why: string): void {
    this.refused.set(why, (this.refused.get(why) ?? 0) + 1);
  }

  print(what: string, more = ""): void {
    console.log(`${what}: ${this.compared} compared${more}, ${this.differences.length} differ`);
    for (const [why, count] of this.refused) console.log(`  ${count} not compared: ${why}`);
    for (const difference of this.differences.slice(0, DIFFERENCES_SHOWN)) console.log(`  DIFFERS: ${difference}`);
  }
}

async function compareReports(backend: Backend, runs: Iterable<{ recipe: string; matrix: TestMatrix }>) {
  const tally = new Tally();
  for (const { recipe, matrix } of runs) {
    if (misfit(recipe, matrix) !== null) {
      tally.refuse("a rotation needs rows of whole blocks");
      continue;
    }
    const tileElements = tally.compared % 2 === 1 ? TILE_ELEMENTS : undefined;
    const verdict = await compareRun(backend, recipe, matrix, { tileElements, scalesLater: true });
    if (verdict.refused !== null) {
      tally.refuse(verdict.refused);
      continue;
    }
    tally.compared++;
    if (recipe.includes("+")) tally.rotated++;
    if (verdict.atOnce) tally.atOnce++;
    if (verdict.difference) tally.differences.push(verdict.difference);
  }
  return tally;
}

async function compareSweeps(device: GPUDevice, matrices: TestMatrix[]) {
  const tally = new Tally();
  const sweep = await createWebgpuSweep(device);
  const pace = async () => {};
  for (const [i, { rows, cols, values }] of matrices.entries()) {
    const source = matrixOf(values, rows, cols);
    const plans = [];
    for (const text of thinned(SWEEP_RECIPES)) {
      const plan = planOf(text, rows, cols);
      const why = sweep.refuses(plan) ?? (await sweep.declines(source, plan, pace));
      if (why === null) plans.push(plan);
      else tally.refuse(why);
    }
    if (plans.length === 0) continue;
    tally.compared += plans.length;
    const difference = await sweepDifference(sweep, source, plans, i % 4 === 0 ? 3 : 0);
    if (difference) tally.differences.push(difference);
  }
  return tally;
}

const thinned = <T>(list: Iterable<T>): T[] => [...list].filter((_, i) => i % EVERY === 0);

function* listedRuns(tensors: TestMatrix[]): Generator<{ recipe: string; matrix: TestMatrix }> {
  for (const matrix of tensors) for (const recipe of RECIPES) yield { recipe, matrix };
  for (const recipe of [...CASTS, ...RECIPES]) yield { recipe, matrix: everyBf16 };
  for (const recipe of PACKED) yield { recipe, matrix: packedValues };
  for (const [, matrix] of uglyMatrices) for (const recipe of RECIPES) yield { recipe, matrix };
}

/** Each value cut to a bfloat16: many then lie on middles between levels. */
function shortened({ rows, cols, values }: TestMatrix): TestMatrix {
  return {
    rows,
    cols,
    values: new Float32Array(new Uint32Array(values.slice().buffer).map((b) => b & ~0xffff).buffer),
  };
}

/** The same with values beside middles between the levels that their blocks have. */
function onMiddles({ recipe, matrix }: { recipe: string; matrix: TestMatrix }) {
  const { rows, cols, values } = matrix;
  const quantizer = recipe.slice(recipe.indexOf("+") + 1);
  return { recipe, matrix: { rows, cols, values: nearTies(quantizer, values, rows, cols) } };
}

async function main(): Promise<boolean> {
  const gpu = await startDawn();
  // What nothing global holds is collected while in use.
  const held = globalThis as unknown as { device: GPUDevice };
  held.device = await requestComputeDevice(gpu);
  const { vendor, architecture, description } = (await gpu.requestAdapter({ powerPreference: "high-performance" }))!
    .info;
  console.log(`${vendor} ${architecture} ${description}`);
  const backend = await createWebgpuBackend(held.device);
  const rotations = await backend.admitRotations();
  console.log(rotations.ok ? "rotates" : `leaves rotations to the processor: ${rotations.first}`);
  const tensors = process.argv.slice(2).flatMap((path) => readSafetensors(path));
  const inPass = ({ atOnce, rotated }: Tally) => ` (${atOnce} of them in one pass too, ${rotated} rotated)`;

  const listed = await compareReports(backend, thinned(listedRuns(tensors)));
  listed.print(`reports of ${tensors.length} tensors and the built-in matrices`, inPass(listed));
  const draws = fc.sample(fc.oneof(anyRun, blockRun, blockRun.map(onMiddles)), { seed: SEED, numRuns: RUNS });
  const random = await compareReports(backend, draws);
  random.print(`reports of random recipes and matrices, seed ${SEED}`, inPass(random));
  const normal = { rows: 96, cols: 800, values: normalValues(96 * 800, 7) };
  const small = tensors.filter(({ values }) => values.length <= MOST_SWEPT);
  const swept = thinned([
    ...[normal, shortened(normal), packedValues, ...uglyMatrices.map(([, matrix]) => matrix)],
    ...draws.slice(0, MATRICES_SWEPT).map(({ matrix }) => matrix),
    ...small,
  ]);
  const sweeps = await compareSweeps(held.device, swept);
  sweeps.print(
    `recipes in sweeps of ${swept.length} matrices: built in, random, and the small ones of ${tensors.length} tensors`,
  );
  return [listed, random, sweeps].every(({ differences }) => differences.length === 0);
}

// Dawn's instance keeps Node from ending by itself.
main().then(
  (equal) => process.exit(equal ? 0 : 1),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
