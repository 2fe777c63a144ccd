import { type Dense, dense, multiply, type Run, transposed } from "../../linalg/index.ts";
import type { Matrix, SideTensor, Split, StepJob } from "../step.ts";
import { completed } from "../thin/complete.ts";
import {
  finiteOf,
  fitThin,
  paceOf,
  rankNotes,
  residual,
  storeThin,
  type Thin,
  type Weights,
  weightsOf,
} from "../thin/fit.ts";
import { partOfSplit } from "../thin/part.ts";
import type { PrincipalParams } from "./index.ts";

/** What is kept. */
interface Part {
  left: SideTensor;
  right: SideTensor;
  /** left right, row-major: each value rounded once. */
  product: Float32Array;
  weights: Weights;
  notes: string[];
}

async function productOf(left: SideTensor, right: SideTensor, run: Run): Promise<Float32Array> {
  const wide = ({ rows, cols, values }: Matrix) => dense(rows, cols, new Float64Array(values));
  return new Float32Array((await multiply(wide(left), wide(right), {}, run)).values);
}

async function stored(
  thin: Pick<Thin, "left" | "right">,
  weights: Weights,
  params: PrincipalParams,
  job: StepJob,
): Promise<Part> {
  const factors = await storeThin(thin, params.factors, job);
  await job.checkpoint(1, 1, "rounds");
  const product = await productOf(factors.left, factors.right, paceOf(job));
  await job.checkpoint(1, 1, "rounds");
  return {
    ...factors,
    product,
    weights,
    notes: rankNotes("principal", params.asked, params.rank),
  };
}

/** An orthonormal basis of the largest directions, stored, and what it makes of the matrix. */
async function onBasis(matrix: Dense, weights: Weights, params: PrincipalParams, job: StepJob): Promise<Part> {
  const run = paceOf(job);
  const { left: fitted } = await fitThin(matrix, params.rank, weights, run);
  const { rows, cols: rank } = fitted;
  const values = new Float32Array(rows * rank);
  for (let k = 0; k < rank; k++) {
    let norm = 0;
    for (let r = 0; r < rows; r++) norm += fitted.values[r * rank + k] ** 2;
    for (let r = 0; r < rows && norm > 0; r++) values[r * rank + k] = fitted.values[r * rank + k] / Math.sqrt(norm);
  }
  const left = await job.store("left basis", { rows, cols: rank, values }, params.basis!);
  const wide = dense(rows, rank, Float64Array.from(left.values));
  const image = await multiply(transposed(wide), matrix, {}, run);
  const right = await job.store(
    "right factor",
    { rows: rank, cols: image.cols, values: Float32Array.from(image.values) },
    params.factors,
  );
  const notes = rankNotes("principal", params.asked, params.rank);
  return { left, right, product: await productOf(left, right, run), weights, notes };
}

const less = (product: Float32Array, { rows, cols, values }: Matrix): Matrix => {
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = values[i] - product[i];
  return { rows, cols, values: out };
};

const NOTHING = (values: Float32Array): Float32Array => new Float32Array(values.length);

/**
 * The part with which the rounds left the least: Q = quantized(W - part), part = the largest directions of W - Q, again and again
 * (LoftQ, arXiv 2310.08659; from the weight's own part as PiSSA does). What it is then fitted to is what the quantizer makes of the rest.
 */
async function best(
  first: Part | null,
  operand: Matrix,
  weights: Weights,
  params: PrincipalParams,
  job: StepJob,
): Promise<Part> {
  const { iters, rank } = params;
  let [part, product] = [first, first?.product ?? NOTHING(operand.values)];
  const found = { part, missing: Infinity, round: 0 };
  for (let round = 1; round <= iters; round++) {
    await job.checkpoint(round - 1, iters, "rounds");
    const quantized = await job.rest(less(product, operand));
    const quiet: StepJob = { ...job, checkpoint: () => job.checkpoint(round - 1, iters, "rounds") };
    const thin = await fitThin(residual(operand, quantized), rank, weights, paceOf(quiet));
    if (thin.missing < found.missing) Object.assign(found, { part, missing: thin.missing, round });
    part = await stored(thin, weights, params, quiet);
    product = part.product;
  }
  const none = { left: { rows: operand.rows, cols: rank }, right: { rows: rank, cols: operand.cols } };
  const kept = found.part ?? (await nothing(none, weights, params, job));
  const told = found.round < iters ? [`principal: round ${found.round} of ${iters} left the least, and is kept`] : [];
  return { ...kept, notes: [...rankNotes("principal", params.asked, rank), ...told] };
}

/** Factors of zeros, where rounds begin with nothing. */
const nothing = (
  { left, right }: { left: { rows: number; cols: number }; right: { rows: number; cols: number } },
  weights: Weights,
  params: PrincipalParams,
  job: StepJob,
): Promise<Part> =>
  stored({ left: dense(left.rows, left.cols), right: dense(right.rows, right.cols) }, weights, params, job);

/** Keeps the largest directions apart. */
export const work: Split<PrincipalParams, Part> = {
  kind: "split",
  async fit(params, operand, job) {
    const run = paceOf(job);
    const { rank, by, start, iters, basis, holes } = params;
    if (holes) {
      const part = await stored(await completed(finiteOf(operand), rank, job), { kind: "plain" }, params, job);
      // What stands in a hole was kept apart before, whole: nothing of the part is added to it.
      for (let i = 0; i < part.product.length; i++) if (operand.values[i] === 0) part.product[i] = 0;
      return part;
    }
    const weights = await weightsOf(by, job.calibration, `principal(by=${by})`, run);
    if (basis) return onBasis(finiteOf(operand), weights, params, job);
    const finite = finiteOf(operand);
    await job.checkpoint(0, 1, "rounds");
    const own = start === "weight" ? await fitThin(finite, rank, weights, run) : null;
    const first = own && (await stored(own, weights, params, job));
    return iters > 0 ? best(first, operand, weights, params, job) : first!;
  },
  rest: partOfSplit.rest,
  add: partOfSplit.add,
  apart: partOfSplit.apart,
  refit(params, { weights, notes }, operand, back, job) {
    if (params.iters === 0) return null;
    const again = async () => {
      const thin = await fitThin(residual(operand, await back()), params.rank, weights, paceOf(job));
      return { ...(await stored(thin, weights, params, job)), notes };
    };
    return again();
  },
  bits: ({ left, right }, { rows, cols }) => [
    { what: `${left.name}, ${left.cols} columns (${left.recipe})`, bitsPerWeight: left.bits / (rows * cols) },
    { what: `${right.name}, ${right.rows} rows (${right.recipe})`, bitsPerWeight: right.bits / (rows * cols) },
  ],
  side: ({ left, right }) => [left, right],
  notes: ({ notes }) => notes,
};
