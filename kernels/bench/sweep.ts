/**
 * What a sweep costs beside one full pass a recipe; a part of `npm run bench`. Both run in one thread on the same matrix in
 * the same process. `extrapolatedSeconds` says what 16.7 M elements would take on two cores if they shared the recipes
 * evenly.
 */
import type { Backend } from "../backends/backend.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import type { SweepBackend } from "../backends/sweep.ts";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { createWasmSweep } from "../backends/wasm/sweep.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import type { Plan } from "../plan/plan.ts";
import { expandSweep, parseSweep, referenceSweep, sweepMatrix } from "../sweep/index.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";

const GRID = "(int3,int4,int5,int6,int8,int4(asym),nf4,e2m1,e2m3,e4m3)/(16,32,64,128,row):(f32,f16,e8m0,e4m3/tensor)";
const TARGET = 4096 * 4096;
const CORES = 2;
/** Full passes that are run; the others would take as long. */
const EVERY = 5;

/** Processor time: what others do on the machine meanwhile hardly shows. */
const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const pace = async () => {};

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = seconds();
  await work();
  return seconds() - start;
}

interface Result {
  backend: string;
  recipes: number;
  sweepSeconds: number;
  fullSeconds: number;
  /** Full passes over the sweep. */
  ratio: number;
  nsPerElement: number;
  /** 16.7 M elements on two cores. */
  extrapolatedSeconds: number;
}

async function measure(sweep: SweepBackend, full: Backend, plans: readonly Plan[], side: number): Promise<Result> {
  const values = normalValues(side * side);
  // As the workers have it: decoded once, read without copies.
  const read = async (row0: number, row1: number) => values.subarray(row0 * side, row1 * side);
  const source = () => ({ ...matrixOf(values, side, side), read });
  const options = { backend: sweep, pace, phases: 0 };
  const sample = plans.filter((_, i) => i % EVERY === 0);
  const runFull = async (some: readonly Plan[]) => {
    const matrix = source();
    for (const plan of some) await quantizeMatrix(matrix, plan, { backend: full, checkpoint: pace, now: () => 0 });
  };
  // Once to warm the compiler up.
  await sweepMatrix(source(), sample, options);
  await runFull(sample.slice(0, 10));
  const sweepSeconds = await time(() => sweepMatrix(source(), plans, options));
  const fullSeconds = ((await time(() => runFull(sample))) * plans.length) / sample.length;
  const perElement = sweepSeconds / (plans.length * side * side);
  return {
    backend: sweep.name,
    recipes: plans.length,
    sweepSeconds,
    fullSeconds,
    ratio: fullSeconds / sweepSeconds,
    nsPerElement: perElement * 1e9,
    extrapolatedSeconds: (perElement * plans.length * TARGET) / CORES,
  };
}

/** The reference and wasm over a square matrix. */
export async function benchSweep(side: number) {
  const plans = expandSweep(parseSweep(GRID)).recipes.map(({ text }) => planOf(text, side, side));
  const results = [
    await measure(referenceSweep, referenceBackend, plans, side),
    await measure(await createWasmSweep(), await createWasmBackend(), plans, side),
  ];
  return { side, grid: GRID, results };
}
