/**
 * What a sweep costs beside one full pass a recipe: `npx tsx kernels/sweep/bench.ts [--json] [--side 1024]`. Both run in
 * one thread on the same matrix in the same process. The last line says what 16.7 M elements would take on two cores if
 * they shared the recipes evenly.
 */
import { parseArgs } from "node:util";
import type { Backend } from "../backend.ts";
import { quantizeMatrix } from "../engine/quantize.ts";
import type { Plan } from "../plan/plan.ts";
import { referenceBackend } from "../reference/backend.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";
import { createWasmBackend } from "../wasm/index.ts";
import type { SweepBackend } from "./backend.ts";
import { expandSweep, parseSweep, referenceSweep, sweepMatrix } from "./index.ts";
import { createWasmSweep } from "./wasm.ts";

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

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, side: { type: "string", default: "1024" } },
});
const side = Number(values.side);
const plans = expandSweep(parseSweep(GRID)).recipes.map(({ text }) => planOf(text, side, side));
const results = [
  await measure(referenceSweep, referenceBackend, plans, side),
  await measure(await createWasmSweep(), await createWasmBackend(), plans, side),
];
if (values.json) process.stdout.write(`${JSON.stringify({ side, grid: GRID, results })}\n`);
else {
  process.stdout.write(`${plans.length} recipes, ${side} x ${side} values, one thread, processor time\n`);
  for (const r of results) {
    process.stdout.write(
      `${r.backend.padEnd(10)} sweep ${r.sweepSeconds.toFixed(2)} s (${r.nsPerElement.toFixed(2)} ns a value and recipe), ` +
        `full passes ${r.fullSeconds.toFixed(2)} s: ${r.ratio.toFixed(1)} times as long; ` +
        `4096 x 4096 on ${CORES} cores: ${r.extrapolatedSeconds.toFixed(1)} s\n`,
    );
  }
}
