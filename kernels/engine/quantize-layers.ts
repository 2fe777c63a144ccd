import type { Backend } from "../backends/backend.ts";
import type { QuantizeOptions } from "../backends/options.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import type { Calibration } from "../calibration/types.ts";
import { largest } from "../exact/largest.ts";
import type { Recipe } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import { heldMatrix } from "../matrix/held.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { type Accumulator, makeAccumulator } from "../measure/accumulator.ts";
import { buildReport } from "../measure/build.ts";
import { printRecipe } from "../notation/index.ts";
import { codesItsWay } from "../plan/layers.ts";
import { isWeighted, type Plan } from "../plan/plan.ts";
import { prepareRecipe } from "../prepare/prepare.ts";
import { valueRangeExponent } from "../report/bins.ts";
import type { Inspection } from "../report/report.ts";
import { isRandom } from "../rounding/modes/index.ts";
import { type ScaleSummary, summaryOf } from "../scales/summary.ts";
import type { Matrix, SideTensor, StepJob } from "../steps/step.ts";
import { checkCalibration, paceOf } from "./calibrated.ts";
import type { Coded } from "./coded.ts";
import { saidDiverged, saidUnweighted } from "./importance.ts";
import { float32Bits } from "./inspect.ts";
import { codeItsWay } from "./its-way.ts";
import {
  apartOf,
  byTiles,
  columnBehind,
  enterLayers,
  type Layer,
  leaveLayers,
  type Mend,
  MOST_HELD,
  mendResult,
  refitLayers,
  type StageJob,
} from "./layers.ts";
import { aroundMiddle, middleAtOutputs, middleOfInputs } from "./middle.ts";
import { codeByModule } from "./module-codes.ts";
import { longPhase } from "./phase.ts";
import { restFor } from "./rest.ts";
import { quantizeRows } from "./rows.ts";
import { findScales, quantizedOf, runQuantizer } from "./run.ts";
import { arrange, codeSolved, solverStep } from "./solve.ts";
import type { Quantized, QuantizedRows } from "./types.ts";
import { codeColumns, codeWhole } from "./whole-codes.ts";

const TILE_ELEMENTS = 2 ** 20;

/** What a solver counts for in progress, beside a stage that goes over the matrix once. */
const SOLVING = 8;

/** A matrix in memory as a source of rows. */
const sourceOf = ({ rows, cols, values }: Matrix, name: string): MatrixSource => heldMatrix(values, rows, cols, name);

/** Reads all rows. Throws RecipeError where there are more than steps may hold. */
async function readWhole(source: MatrixSource, plan: Plan, options: QuantizeOptions, total: number): Promise<Matrix> {
  const { rows, cols } = plan;
  if (rows * cols > MOST_HELD) {
    throw new RecipeError(
      `${lookers(plan)} needs the whole matrix in memory: ${rows * cols} elements, ${MOST_HELD} are possible`,
    );
  }
  const values = new Float32Array(rows * cols);
  const step = Math.max(1, Math.floor(TILE_ELEMENTS / cols));
  for (let row = 0; row < rows; row += step) {
    await options.checkpoint(row * cols, total, "reading");
    values.set(await source.read(row, Math.min(rows, row + step)), row * cols);
  }
  return { rows, cols, values };
}

const lookers = ({ steps }: Plan): string =>
  steps.find(({ needs }) => needs.reach === "matrix")?.step.entry.name ?? "this recipe";

/** Stores a side tensor through a recipe of its own, on the reference: it is small. */
async function storeSide(name: string, matrix: Matrix, recipe: Recipe, options: QuantizeOptions): Promise<SideTensor> {
  const text = printRecipe(recipe);
  if (matrix.values.length === 0) return { ...matrix, name, recipe: text, bits: 0 };
  const plan = prepareRecipe(recipe, [], matrix.rows, matrix.cols);
  if (plan.steps.length > 0)
    throw new RecipeError(`${text}: what is stored beside the codes has a recipe without steps`);
  if (isWeighted(plan.levels[0]?.rule.finding))
    throw new RecipeError(
      `${text}: what is stored beside the codes has no input channels that errors could be weighed by`,
    );
  if (codesItsWay(plan))
    throw new RecipeError(
      `${text}: what is stored beside the codes has one element, and a scale that a block gives by itself`,
    );
  // A calibration is of the tensor's columns, not of these.
  const run = {
    ...{ ...options, calibration: null, backend: referenceBackend },
    ...{ scalesLater: false, checkpoint: async () => {} },
  };
  const source = sourceOf(matrix, name);
  const { scales } = await runQuantizer(source, plan, run);
  const { rows, cols, values } = matrix;
  const tile = { row0: 0, rows, cols, original: values, input: values };
  const { result } = await referenceBackend.encode(plan, tile, scales);
  const bits = plan.bits.reduce((sum, part) => sum + part.bitsPerWeight, 0) * values.length;
  return { ...matrix, values: result, name, recipe: text, bits };
}

/** Which column of the tensor stands at each column of the operand; undefined where none was moved. */
function originOf(layers: readonly Layer[], cols: number): Uint32Array | undefined {
  if (!layers.some(({ columns }) => columns)) return undefined;
  const origin = new Uint32Array(cols);
  for (let c = 0; c < cols; c++) origin[columnBehind(layers, c)] = c;
  return origin;
}

/** Codes one by one: what every backend does, over the operand. */
async function codeScalars(inner: MatrixSource, operand: Matrix, core: Plan, options: QuantizeOptions): Promise<Coded> {
  // Only the reference draws by the columns that a value came from.
  const backend = core.origin && isRandom(core.element.rounding.mode) ? referenceBackend : options.backend;
  const run = await runQuantizer(inner, core, { ...options, backend });
  const { rows, cols, values } = operand;
  const quantized = new Float32Array(values.length);
  const step = Math.max(1, Math.floor(TILE_ELEMENTS / cols));
  for (let row0 = 0; row0 < rows; row0 += step) {
    await options.checkpoint(1, 1, "quantizing");
    const { result } = await quantizeRows(inner, core, run.scales, backend, row0, Math.min(rows, row0 + step));
    quantized.set(result, row0 * cols);
  }
  return {
    quantized,
    counts: run.into,
    summary: summaryOf(run.scales),
    poisoned: run.poisoned,
    bits: [],
    notes: saidDiverged(core, run.statistics),
    look: (report) => quantizedOf(inner, core, backend, run, report),
  };
}

/** Sums up what the whole recipe did; codes and their counts are those of the quantizer inside. */
async function measure(
  plan: Plan,
  original: Matrix,
  result: Matrix,
  counts: Coded["counts"],
  backend: Backend,
  checkpoint: (done: number) => Promise<void>,
): Promise<Accumulator> {
  const { rows, cols } = original;
  const into = makeAccumulator(plan, valueRangeExponent(largest(original.values, 0)));
  const step = Math.max(1, Math.floor((backend.tileElements ?? TILE_ELEMENTS) / cols));
  for (let row0 = 0; row0 < rows; row0 += step) {
    await checkpoint(row0 * cols);
    const count = Math.min(step, rows - row0);
    const part = ({ values }: Matrix) => values.subarray(row0 * cols, (row0 + count) * cols);
    const tile = { row0, rows: count, cols, original: part(original), input: part(original) };
    await backend.measureResult(plan, tile, part(result), into);
  }
  return { ...into, codes: counts.codes, saturated: counts.saturated, flushed: counts.flushed };
}

/** The values as they enter the quantizer of a plan with layers. */
export async function enterQuantizer(
  source: MatrixSource,
  plan: Plan,
  pace: () => Promise<void>,
  calibration: Calibration | null,
): Promise<Matrix> {
  checkCalibration(plan, calibration, source.name);
  const options: QuantizeOptions = { backend: referenceBackend, checkpoint: pace, now: () => 0 };
  const total = plan.rows * plan.cols;
  const original = await readWhole(source, plan, options, total);
  const job: StageJob = (name) => ({
    checkpoint: (done, of) => options.checkpoint(done, of, name),
    store: (what, matrix, recipe) => storeSide(what, matrix, recipe, options),
  });
  return (await enterLayers(plan, original, job, calibration, (k) => restOf(plan, k, options))).operand;
}

/** A matrix through a plan through whose steps rows stream: what comes out, unmeasured. */
async function throughStreamed(matrix: Matrix, plan: Plan, options: QuantizeOptions): Promise<Matrix> {
  const source = sourceOf(matrix, "operand");
  const { scales } = await findScales(source, plan, options);
  const { rows, cols } = matrix;
  const values = new Float32Array(rows * cols);
  const step = Math.max(1, Math.floor(TILE_ELEMENTS / cols));
  for (let row0 = 0; row0 < rows; row0 += step) {
    await options.checkpoint(row0, rows, "quantizing");
    const { result } = await quantizeRows(source, plan, scales, options.backend, row0, Math.min(rows, row0 + step));
    values.set(result, row0 * cols);
  }
  return { rows, cols, values };
}

const throughLayers = async (matrix: Matrix, plan: Plan, options: QuantizeOptions): Promise<Matrix> =>
  (await runLayers(sourceOf(matrix, "operand"), plan, options)).result;

const restOf = (plan: Plan, index: number, options: QuantizeOptions): StepJob["rest"] =>
  restFor(plan, index, options, throughStreamed, throughLayers);

/** What a recipe with layers did to a matrix, before it is a report. */
export interface LayersRun {
  /** The plan with the bits and notes that fitting brought. */
  plan: Plan;
  into: Accumulator;
  summary: ScaleSummary;
  poisoned: number;
  original: Matrix;
  result: Matrix;
  layers: Layer[];
  mends: Mend[];
  /** What the steps take off the inputs; null where they take nothing. */
  middle: Float64Array | null;
  coded: Coded;
}

/** Sends a matrix through a plan some of whose steps look at values or mend results. See `layers.ts`. */
export async function runLayers(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<LayersRun> {
  const { rows, cols } = plan;
  const elements = rows * cols;
  const { calibration = null } = options;
  checkCalibration(plan, calibration, source.name);
  const solver = solverStep(plan);
  // Stages of equal weight: reading, each step, coding twice, measuring; a solver takes as long as many of them.
  const long = solver !== null || plan.code !== null;
  const stages = plan.steps.length + 4 + (long ? SOLVING : 0);
  let stage = 0;
  const at = (share: number, phase: string) => options.checkpoint((stage + share) * elements, stages * elements, phase);
  const storing: StepJob["store"] = (what, matrix, recipe) => storeSide(what, matrix, recipe, options);
  const job: StageJob = (name) => {
    stage++;
    return { checkpoint: (done, total) => at(Math.min(1, done / Math.max(1, total)), name), store: storing };
  };
  const original = await readWhole(source, plan, options, stages * elements);
  const entered = await enterLayers(plan, original, job, calibration, (k) => restOf(plan, k, options));
  const { layers } = entered;
  const solving = solver && job(solver.step.entry.name);
  const arranged = solving && (await arrange(plan, solver, entered.operand, entered.calibration, solving));
  if (arranged) layers.push(arranged.layer);
  const { operand, calibration: known } = arranged ?? entered;
  const origin = originOf(layers, cols);
  const core: Plan = { ...plan, steps: [], transforms: [], ...(origin && { origin }) };
  const inner = sourceOf(operand, source.name);
  const coding = job(plan.recipe.quantizer.base.name);
  const phase = longPhase(
    solver?.step.entry.name ?? plan.recipe.quantizer.base.name,
    (solver?.operations ?? 0) + (plan.code?.operations ?? 0),
  );
  const working = {
    store: coding.store,
    checkpoint: (done: number, total: number) => at((SOLVING * Math.min(done, total)) / Math.max(1, total), phase),
  };
  const checkpoint = (done: number, total: number, phase: string) => at((2 * done) / Math.max(1, total), phase);
  const inside = { ...options, scalesLater: false, checkpoint };
  const coded = solving
    ? plan.code
      ? await codeColumns(inner, operand, core, solver, known, working)
      : await codeSolved(inner, operand, core, solver, known, inside, working)
    : plan.code
      ? await codeWhole(inner, operand, core, entered.calibration, working)
      : plan.module !== undefined
        ? await codeByModule(inner, operand, core, coding)
        : codesItsWay(plan)
          ? await codeItsWay(inner, operand, core, entered.calibration, inside)
          : await codeScalars(inner, operand, core, {
              ...options,
              calibration: entered.calibration,
              scalesLater: false,
              checkpoint,
            });
  if (coded.aside) layers.push(coded.aside);
  stage += long ? SOLVING : 1;
  const leaving = { checkpoint: (done: number, total: number) => at(done / total, "undoing") };
  const quantized = { rows, cols, values: coded.quantized };
  await refitLayers(layers, quantized, (k) => ({
    ...leaving,
    store: storing,
    calibration: entered.seen[k],
    rest: restOf(plan, k, options),
  }));
  const left = await byTiles(quantized, (part) => leaveLayers(layers, part), leaving);
  const inputs = paceOf(leaving);
  const middle = await middleOfInputs(layers, cols, inputs);
  const corrections = plan.steps.slice(plan.recipe.before.length);
  const around = await aroundMiddle(calibration, middle, corrections, inputs);
  const { mends, result } = await mendResult(plan, original, left, job, around);
  stage++;
  const measuring = (done: number) => at(done / elements, "measuring");
  const settled = coded.settled ?? plan;
  const into = await measure(settled, original, result, coded.counts, options.backend, measuring);
  const bits = [...storedBits(settled, layers), ...coded.bits, ...[...layers, ...mends].flatMap((layer) => layer.bits)];
  const said = saidUnweighted(plan, entered.calibration).notes;
  const moved = origin ? ["blocks and scales lie in the order of the moved columns"] : [];
  const told = [...layers, ...mends].flatMap((layer) => layer.notes ?? []);
  const notes = [...said, ...moved, ...told, ...(coded.notes ?? [])];
  const whole = { ...settled, bits, notes };
  const { summary, poisoned } = coded;
  return { plan: whole, into, summary, poisoned, original, result, layers, mends, middle, coded };
}

/** What the plan's own parts take: its elements only as far as steps leave them codes. */
function storedBits({ bits: [elements, ...others] }: Plan, layers: readonly Layer[]): Plan["bits"] {
  const share = layers.reduce((product, { stored = 1 }) => product * stored, 1);
  if (!elements || share === 1) return elements ? [elements, ...others] : others;
  return [{ what: `${elements.what}, those stored`, bitsPerWeight: share * elements.bitsPerWeight }, ...others];
}

/** The same with its report, and the means to look at any part of it. */
export async function quantizeInLayers(source: MatrixSource, plan: Plan, options: QuantizeOptions): Promise<Quantized> {
  const start = options.now();
  const run = await runLayers(source, plan, options);
  const seconds = (options.now() - start) / 1000;
  const { name } = options.backend;
  const report = buildReport(source, run.plan, run.summary, run.poisoned, run.into, name, seconds);
  const { original, result, layers, mends, coded } = run;
  const { cols } = plan;
  const within = coded.look(report);
  return {
    ...within,
    plan: run.plan,
    duals: layers.map(({ dual }) => dual),
    ...outputBiasOf(run),
    ...(layers.some(({ apart }) => apart) && {
      apart: (row0: number, row1: number) => apartOf(layers, { row0, rows: row1 - row0, cols })!,
    }),
    async rows(row0, row1): Promise<QuantizedRows> {
      const { codes } = await within.rows(row0, row1);
      const part = ({ values }: Matrix) => values.slice(row0 * cols, row1 * cols);
      return {
        row0,
        row1,
        input: part(original),
        result: part(result),
        codes: codes && codesInPlace(layers, codes, cols),
      };
    },
    async inspect(row, col): Promise<Inspection> {
      const behind = columnBehind(layers, col);
      const inside = await within.inspect(row, behind);
      const [x, y] = [original.values[row * cols + col], result.values[row * cols + col]];
      const way = wayBack(
        layers,
        mends,
        { row0: row, rows: 1, cols, values: quantizedRow(coded.quantized, row, cols) },
        col,
      );
      return {
        ...inside,
        ...{ row, col, x, xBits: float32Bits(x) },
        ...{ result: y, error: Math.fround(x - y), steps: way },
      };
    },
  };
}

/** What corrections, and a middle that was taken off the inputs, add to each output, all together. */
function outputBiasOf({ mends, middle, original, result }: LayersRun): Pick<Quantized, "outputBias"> {
  const added: ArrayLike<number>[] = mends.flatMap(({ outputs }) => (outputs ? [outputs] : []));
  if (middle) added.push(middleAtOutputs(original, result, middle));
  if (added.length === 0) return {};
  const { rows } = original;
  return { outputBias: Float64Array.from({ length: rows }, (_, r) => added.reduce((sum, each) => sum + each[r], 0)) };
}

const quantizedRow = (values: Float32Array, row: number, cols: number) => values.slice(row * cols, (row + 1) * cols);

/** Codes of rows where the values stand that they are of, rather than where they were put to be quantized. */
function codesInPlace(layers: readonly Layer[], codes: Uint32Array, cols: number): Uint32Array {
  if (!layers.some(({ columns }) => columns)) return codes;
  return codes.map((_, i) => codes[i - (i % cols) + columnBehind(layers, i % cols)]);
}

/** The value of an element after each step on the way back, from the quantizer out. */
function wayBack(
  layers: readonly Layer[],
  mends: readonly Mend[],
  row: Parameters<Layer["back"]>[0],
  col: number,
): { name: string; value: number }[] {
  const way: { name: string; value: number }[] = [];
  let values = row.values;
  for (let k = layers.length - 1; k >= 0; k--) {
    values = layers[k].back({ ...row, values });
    way.push({ name: layers[k].name, value: values[columnBehind(layers.slice(0, k), col)] });
  }
  for (const mend of mends) {
    values = mend.back({ ...row, values });
    way.push({ name: mend.name, value: values[col] });
  }
  return way;
}
