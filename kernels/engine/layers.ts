/**
 * The layers of a recipe whose steps look at values or mend results: the general way, right for every step. The way in goes through
 * transforms and splits to the quantizer, which works as ever; the way back undoes them, last to first; then corrections.
 */
import type { Dual } from "../calibration/dual.ts";
import type { Calibration } from "../calibration/types.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { RowTransform } from "../steps/row-transform.ts";
import type { Matrix, PlannedStep, Rows, SideTensor, StepJob } from "../steps/step.ts";
import { calibrationBehind, paceOf, seenBy } from "./calibrated.ts";
import { phaseOf } from "./phase.ts";

/** The most elements of a matrix that steps may hold as a whole: 1 GiB of float32 a copy, of which there are three or four. */
export const MOST_HELD = 2 ** 28;

/** A step that has seen its values: how rows go in and come back. */
export interface Layer {
  name: string;
  forward(rows: Rows): Float32Array;
  back(rows: Rows): Float32Array;
  /** Where a column stands behind it, for steps that only move columns. */
  columns: Uint32Array | null;
  /** What it does to the inputs: null where it leaves them as they are, undefined where it does not say. */
  dual: Dual | null | undefined;
  bits: { what: string; bitsPerWeight: number }[];
  side: SideTensor[];
  /** What the reader has to know of it. */
  notes?: string[];
  /** The share of what it hands on that has codes; all of it where it is left out. */
  stored?: number;
  /** What it kept that meets inputs as they are, in its own space. */
  apart?(rows: Rows): Float32Array;
  /** Fits what it kept anew to what became of the rest, and is another layer then. */
  refit?(back: () => Promise<Matrix>, job: StepJob): Promise<Layer> | null;
}

/** A correction that has seen original and result. */
export interface Mend extends Pick<Layer, "name" | "back" | "bits" | "side" | "notes"> {
  /** What it adds to each output beside the weights, one value a row; null where it adds nothing. */
  outputs: Float32Array | null;
}

/** Blocks of a row that hold NaN or Inf keep their values, on the way in and, the same ones, on the way back. */
function streamedLayer(name: string, transform: RowTransform, operand: Matrix): Layer {
  const { cols } = operand;
  const blocks = cols / transform.block;
  const skip = new Uint8Array(operand.rows * blocks);
  operand.values.forEach((x, i) => {
    if (x - x !== 0) skip[Math.floor(i / cols) * blocks + Math.floor((i % cols) / transform.block)] = 1;
  });
  const turn = (rows: Rows, how: "forward" | "inverse") => {
    const out = rows.values.slice();
    for (let r = 0; r < rows.rows; r++) {
      for (let b = 0; b < blocks; b++) {
        const col = b * transform.block;
        if (!skip[(rows.row0 + r) * blocks + b]) transform[how](out, r * cols + col, transform.block, col);
      }
    }
    return out;
  };
  return {
    name,
    forward: (rows) => turn(rows, "forward"),
    back: (rows) => turn(rows, "inverse"),
    columns: null,
    dual: transform.dual,
    bits: [],
    side: [],
  };
}

/** Lets a step before the quantizer look at its operand. */
async function layerOf({ step, params, of }: PlannedStep, operand: Matrix, job: StepJob): Promise<Layer> {
  const { name } = step.entry;
  if ("stream" in step) return streamedLayer(name, step.stream(params), operand);
  const work = await step.work();
  if (work.kind === "split") {
    const layer = (fitted: unknown): Layer => ({
      name,
      forward: (rows) => work.rest(fitted, rows),
      back: (rows) => work.add(fitted, rows),
      columns: null,
      dual: null,
      bits: work.bits(fitted, of),
      side: work.side?.(fitted) ?? [],
      notes: work.notes?.(fitted) ?? [],
      stored: work.stored?.(fitted) ?? 1,
      ...(work.apart && { apart: (rows: Rows) => work.apart!(fitted, rows) }),
      refit: (back, again) => work.refit?.(params, fitted, operand, back, again)?.then(layer) ?? null,
    });
    return layer(await work.fit(params, operand, job));
  }
  if (work.kind === "transform") {
    const fitted = await work.fit(params, operand, job);
    return {
      name,
      forward: (rows) => work.forward(fitted, rows),
      back: (rows) => work.inverse(fitted, rows),
      columns: work.columns?.(fitted) ?? null,
      dual: work.dual?.(fitted),
      bits: work.bits(fitted, of),
      side: [],
      notes: work.notes?.(fitted) ?? [],
      stored: work.stored?.(fitted) ?? 1,
    };
  }
  throw new RecipeError(`${name} cannot stand before a quantizer yet`);
}

/** Lets a correction look at what came in and what came out. */
async function mendOf(
  { step, params, of }: PlannedStep,
  original: Matrix,
  result: Matrix,
  job: StepJob,
): Promise<Mend> {
  const work = "work" in step ? await step.work() : null;
  if (work?.kind !== "correction") throw new RecipeError(`${step.entry.name} is no correction`);
  const fitted = await work.fit(params, original, result, job);
  return {
    name: step.entry.name,
    back: (rows) => work.correct(fitted, rows),
    outputs: work.outputs?.(fitted) ?? null,
    bits: work.bits(fitted, of),
    side: work.side?.(fitted) ?? [],
    notes: work.notes?.(fitted) ?? [],
  };
}

/** The job of the k-th of some stages of equal weight, as far as whoever waits sees it; what it knows of inputs is added for each step. */
export type StageJob = (name: string) => Omit<StepJob, "calibration" | "rest">;

/** Elements that a step is given at a time, so that it can be cancelled in between. */
const TILE_ELEMENTS = 2 ** 18;

/** A matrix through what maps its rows, a few of them at a time. */
export async function byTiles(
  { rows, cols, values }: Matrix,
  map: (rows: Rows) => Float32Array,
  job: Pick<StepJob, "checkpoint">,
): Promise<Matrix> {
  const out = new Float32Array(values.length);
  const step = Math.max(1, Math.floor(TILE_ELEMENTS / cols));
  for (let row0 = 0; row0 < rows; row0 += step) {
    await job.checkpoint(row0, rows, "rows");
    const count = Math.min(step, rows - row0);
    const part = values.subarray(row0 * cols, (row0 + count) * cols);
    out.set(map({ row0, rows: count, cols, values: part }), row0 * cols);
  }
  return { rows, cols, values: out };
}

/** What came of the way in. */
export interface Entered {
  layers: Layer[];
  /** What each of them saw of the calibration. */
  seen: (Calibration | null)[];
  operand: Matrix;
  calibration: Calibration | null;
}

/**
 * The way in: every step before the quantizer in its order. `operand` is what enters the quantizer, and `calibration` what is known of
 * the inputs that it meets there, as far as the quantizer or a solver before it uses it.
 */
export async function enterLayers(
  plan: Plan,
  original: Matrix,
  job: StageJob,
  calibration: Calibration | null,
  rest: (index: number) => StepJob["rest"],
): Promise<Entered> {
  const layers: Layer[] = [];
  const seen: Entered["seen"] = [];
  let operand = original;
  let known = calibration;
  for (const [k, planned] of plan.steps.slice(0, plan.recipe.before.length).entries()) {
    // It stands last, and is no layer: the quantizer's codes are its own.
    if (planned.step.entry.place === "solver") return { layers, seen, operand, calibration: known };
    const own = job(phaseOf(planned));
    seen.push(seenBy(planned, known));
    const layer = await layerOf(planned, operand, { ...own, calibration: seen[k], rest: rest(k) });
    operand = await byTiles(operand, layer.forward, own);
    known = await calibrationBehind(plan, k, layer.dual, known, paceOf(own));
    layers.push(layer);
  }
  return { layers, seen, operand, calibration: plan.uses ? known : null };
}

/** Lets steps that fit their part to what became of the rest do so, from the quantizer out; in place. */
export async function refitLayers(layers: Layer[], quantized: Matrix, job: (k: number) => StepJob): Promise<void> {
  for (let k = layers.length - 1; k >= 0; k--) {
    const { refit } = layers[k];
    if (!refit) continue;
    const behind = layers.slice(k + 1);
    const back = () => byTiles(quantized, (part) => leaveLayers(behind, part), job(k));
    layers[k] = (await refit(back, job(k))) ?? layers[k];
  }
}

/** The way back of rows of quantized values, last step first. */
export function leaveLayers(layers: readonly Layer[], rows: Rows): Float32Array {
  return layers.reduceRight((values, layer) => layer.back({ ...rows, values }), rows.values);
}

/**
 * The part of the result that meets inputs as they are, in the space in which the recipe began; null where there is none. What a step
 * adds to anything, as means, is none of it.
 */
export function apartOf(layers: readonly Layer[], rows: Omit<Rows, "values">): Float32Array | null {
  let values: Float32Array | null = null;
  for (const layer of layers.toReversed()) {
    if (layer.apart) {
      const own = layer.apart({ ...rows, values: new Float32Array(0) });
      values = values ? values.map((x, i) => x + own[i]) : own.slice();
    } else if (values && layer.dual !== null) {
      const zero = layer.back({ ...rows, values: new Float32Array(values.length) });
      values = layer.back({ ...rows, values }).map((x, i) => x - zero[i]);
    }
  }
  return values;
}

const nothingLeft = (): never => {
  throw new Error("behind a correction there is nothing to quantize");
};

/** Corrections in their order, each over the result of those before it. */
export async function mendResult(
  plan: Plan,
  original: Matrix,
  result: Matrix,
  job: StageJob,
  calibration: Calibration | null,
): Promise<{ mends: Mend[]; result: Matrix }> {
  const mends: Mend[] = [];
  let mended = result;
  for (const planned of plan.steps.slice(plan.recipe.before.length)) {
    const own = job(phaseOf(planned));
    const mend = await mendOf(planned, original, mended, {
      ...{ ...own, calibration: seenBy(planned, calibration), rest: nothingLeft },
    });
    mended = await byTiles(mended, mend.back, own);
    mends.push(mend);
  }
  return { mends, result: mended };
}

/** The column behind all layers at which the value of a column is quantized. */
export const columnBehind = (layers: readonly Layer[], col: number): number =>
  layers.reduce((c, { columns }) => columns?.[c] ?? c, col);
