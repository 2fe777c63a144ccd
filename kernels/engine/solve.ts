/** Codes that a solver chooses, from the columns in its order to what is shown of an element. */
import type { QuantizeOptions } from "../backends/options.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { trialsFor } from "../backends/wasm/trials-for.ts";
import { type Calibration, type Dual, throughDual } from "../calibration/index.ts";
import { minusZeroCode, quotient } from "../codes/scalar/encoder.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { makeAccumulator } from "../measure/accumulator.ts";
import { poisonedBlocks } from "../measure/build.ts";
import type { Report } from "../measure/report.ts";
import { eachRun } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import type { Scales } from "../scales/resolve.ts";
import { summaryOf } from "../scales/summary.ts";
import type { Matrix, PlannedStep, Solution, Solver, SolverJob } from "../steps/step.ts";
import { paceOf } from "./calibrated.ts";
import type { Coded } from "./coded.ts";
import { elementQuantizer } from "./element-quantizer.ts";
import { chosenBy } from "./inspect.ts";
import type { Layer } from "./layers.ts";
import { findScales, quantizedOf } from "./run.ts";
import type { Quantized } from "./types.ts";

/** Elements counted between two looks at whoever may cancel. */
const COUNTED = 2 ** 19;

/** The solver among a plan's steps; null where it has none. */
export const solverStep = ({ steps }: Plan): PlannedStep | null =>
  steps.find(({ step }) => step.entry.place === "solver") ?? null;

export async function solverOf({ step }: PlannedStep): Promise<Solver<unknown>> {
  const work = "work" in step ? await step.work() : null;
  if (work?.kind !== "solver") throw new RecipeError(`${step.entry.name} is no solver`);
  return work;
}

/** The order in which a solver has columns before blocks are laid, and what it knows of inputs in that order. */
export interface Arranged {
  layer: Layer;
  operand: Matrix;
  calibration: Calibration | null;
}

/** Moves columns as the plan's solver wants them; null where they stay. Its places are stored: the group of each column. */
export async function arrange(
  plan: Plan,
  solver: PlannedStep,
  operand: Matrix,
  calibration: Calibration | null,
  job: SolverJob,
): Promise<Arranged | null> {
  const { name } = solver.step.entry;
  const work = await solverOf(solver);
  const from = work.arrange?.(solver.params, operand, calibration);
  if (!from) return null;
  const to = new Uint32Array(from.length);
  for (const [place, column] of from.entries()) to[column] = place;
  const moved = (values: Float32Array, by: Uint32Array) => {
    const out = new Float32Array(values.length);
    const { cols } = operand;
    for (let i = 0; i < values.length; i += cols) for (let c = 0; c < cols; c++) out[i + c] = values[i + by[c]];
    return out;
  };
  // Blocks that run on from row to row are groups of no columns: then the place of each is stored.
  const groups = plan.grid.flat ? operand.cols : plan.grid.gridCols;
  const indexBits = groups > 1 ? Math.ceil(Math.log2(groups)) : 0;
  const dual: Dual = { kind: "channels", from, factor: null };
  return {
    layer: {
      name,
      forward: ({ values }) => moved(values, from),
      back: ({ values }) => moved(values, to),
      columns: to,
      dual,
      bits: [{ what: `group of each of ${from.length} columns`, bitsPerWeight: indexBits / operand.rows }],
      side: [],
    },
    operand: { ...operand, values: moved(operand.values, from) },
    calibration: calibration && (await throughDual(calibration, dual, solver.needs.calibration, name, paceOf(job))),
  };
}

/** Lets a solver choose the codes of a matrix; scales are first found as without one. `plan` is of the quantizer alone. */
export async function codeSolved(
  source: MatrixSource,
  operand: Matrix,
  plan: Plan,
  solver: PlannedStep,
  calibration: Calibration | null,
  options: QuantizeOptions,
  job: SolverJob,
): Promise<Coded> {
  const work = await solverOf(solver);
  const { scales, statistics } = await findScales(source, plan, { ...options, calibration });
  const trials = await trialsFor(plan, options.backend.name);
  const quantizer = elementQuantizer(plan, operand, { scales, statistics, trials });
  const solution = await work.solve(solver.params, { operand, calibration, quantizer }, job);
  let dead = 0;
  for (let b = 0; b < statistics.amax.length; b++) if (scales.effective[b] === 0 && statistics.amax[b] > 0) dead++;
  scales.dead = dead;
  return {
    aside: solution.aside && asideLayer(solver.step.entry.name, solution.aside, operand.cols),
    quantized: solution.quantized,
    counts: await countCodes(plan, operand, solution, scales, job),
    summary: summaryOf(scales),
    poisoned: poisonedBlocks(plan, statistics),
    bits: solution.bits,
    notes: solution.notes,
    look: (report) => lookAt(source, plan, { scales, statistics }, solution, report, solver.step.entry.name),
  };
}

/** Puts values that are stored aside in their places on the way back. */
function asideLayer(name: string, { at, values }: NonNullable<Solution["aside"]>, cols: number): Layer {
  return {
    name: `${name}, stored aside`,
    forward: (rows) => rows.values,
    back(rows) {
      const out = rows.values.slice();
      const start = rows.row0 * cols;
      for (let k = firstFrom(at, start); k < at.length && at[k] < start + out.length; k++)
        out[at[k] - start] = values[k];
      return out;
    },
    columns: null,
    dual: null,
    bits: [],
    side: [],
  };
}

/** The first place whose index is not below `least`. */
function firstFrom(at: Uint32Array, least: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Codes and results as they were chosen; the arithmetic of an element as without a solver, but for the code. */
function lookAt(
  source: MatrixSource,
  plan: Plan,
  run: Parameters<typeof quantizedOf>[3],
  { codes, quantized }: Solution,
  report: Report,
  name: string,
): Quantized {
  const nearest = quantizedOf(source, plan, referenceBackend, run, report);
  const { cols } = plan;
  return {
    ...nearest,
    async rows(row0, row1) {
      const [from, to] = [row0 * cols, row1 * cols];
      const input = await source.read(row0, row1);
      return { row0, row1, input, result: quantized.slice(from, to), codes: codes.slice(from, to) };
    },
    async inspect(row, col) {
      const at = row * cols + col;
      return chosenBy(name, plan, await nearest.inspect(row, col), codes[at], quantized[at]);
    },
  };
}

/**
 * Counts codes of finite values; values beyond the range whose code is the one at that end; and non-zero values that became zero. All
 * by the value of the matrix, whatever a solver had made of it when it chose the code. What is stored aside is not saturated.
 */
async function countCodes(
  plan: Plan,
  { cols, rows, values }: Matrix,
  { codes, quantized, aside }: Solution,
  scales: Scales,
  job: SolverJob,
) {
  const counts = makeAccumulator(plan, 0).codes;
  const { element } = plan;
  const levels = element.ladder!.levels;
  const [least, most] = [levels[0], levels[levels.length - 1]];
  const zeroCode = element.ladder!.zero < 0 ? -1 : element.ladder!.codes[element.ladder!.zero];
  const minusZero = minusZeroCode(element);
  const block = { scale: 1, reciprocal: 1, zeroPoint: 0 };
  const kept = new Set(aside?.at);
  let [saturated, flushed] = [0, 0];
  const paced = Math.max(1, Math.floor(COUNTED / cols));
  for (let r = 0; r < rows; r++) {
    if (r % paced === 0) await job.checkpoint(1, 1, "codes");
    eachRun(plan.grid, r, (from, to, b) => {
      if (plan.levels.length > 0) {
        block.scale = scales.effective[b];
        block.reciprocal = scales.reciprocal[b] ?? 1;
        block.zeroPoint = element.affine ? scales.zeroPoints[b] : 0;
      }
      const zero = block.zeroPoint;
      const [low, high] = [Math.fround((least - zero) * block.scale), Math.fround((most - zero) * block.scale)];
      for (let i = r * cols + from; i < r * cols + to; i++) {
        const x = values[i];
        if (x - x !== 0) continue;
        const code = codes[i];
        if (counts) counts[code]++;
        if (x !== 0 && (element.affine ? code === zero : code === zeroCode || code === zeroCode + minusZero)) flushed++;
        const y = quantized[i];
        if ((y !== low && y !== high) || kept.has(i)) continue;
        const q = quotient(element, x, block) + zero;
        if ((q > element.ends.high && y === high) || (q < element.ends.low && y === low)) saturated++;
      }
    });
  }
  return { codes: counts, saturated, flushed };
}
