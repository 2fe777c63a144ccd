/** The part of low rank that is nearest to a matrix, by weights that are known of its inputs or outputs. */
import { type Calibration, partOf } from "../../calibration/index.ts";
import {
  cholesky,
  type Dense,
  dense,
  multiply,
  NotPositiveDefinite,
  type Run,
  transposed,
  truncatedSvd,
} from "../../linalg/index.ts";
import type { Matrix, StepJob } from "../step.ts";
import type { Weighing } from "./parameters.ts";

/** left right, rows x rank and rank x cols, in float64; both of one magnitude, direction by direction. */
export interface Thin {
  left: Dense;
  right: Dense;
  /** Weighted singular values, descending. */
  singular: Float64Array;
  /** Weighted sum of squares of what the part does not hold. */
  missing: number;
}

/** A matrix in float64, zero where a value is not finite. */
export function finiteOf({ rows, cols, values }: Matrix): Dense {
  const out = dense(rows, cols);
  for (let i = 0; i < values.length; i++) if (values[i] - values[i] === 0) out.values[i] = values[i];
  return out;
}

/** original - result in float64, zero where either is not finite. */
export function residual(original: Matrix, result: Matrix): Dense {
  const out = dense(original.rows, original.cols);
  for (let i = 0; i < out.values.length; i++) {
    const e = original.values[i] - result.values[i];
    if (e - e === 0) out.values[i] = e;
  }
  return out;
}

/** The sum of squares. */
export function energyOf({ values }: Dense): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}

/** How progress of a decomposition is told. */
export const paceOf = (job: Pick<StepJob, "checkpoint">): Run => ({
  pace: (done, total) => job.checkpoint(Math.floor(done), total, "rounds"),
});

/** The least weight of a channel, as a share of the largest: a channel without any could not be divided by. */
const LEAST_WEIGHT = 1e-6;

function positive(weights: Float64Array): Float64Array {
  const most = weights.reduce((m, w) => Math.max(m, w), 0);
  return weights.map((w) => (most > 0 ? Math.max(w, LEAST_WEIGHT * most) : 1));
}

/** What errors are multiplied by before they are decomposed: a factor a column or a row, or R of H = R^T R. */
export type Weights =
  | { kind: "plain" }
  | { kind: "columns" | "rows"; factors: Float64Array }
  | { kind: "gram"; factor: Dense };

/** The least that is added to a Gram matrix's diagonal where it has no factor by itself, as a share of its mean. */
const LEAST_DAMPING = 1e-9;

/** R of H = R^T R; of an H with inputs that depend on each other, with as little on its diagonal as makes one. */
async function factorOf(gram: Dense, run: Run): Promise<Dense> {
  const { cols } = gram;
  let mean = 0;
  for (let i = 0; i < cols; i++) mean += gram.values[i * cols + i] / cols;
  if (mean === 0) return dense(cols, cols);
  for (let damping = LEAST_DAMPING; ; damping *= 10) {
    const damped = dense(cols, cols, gram.values.slice());
    for (let i = 0; i < cols; i++) damped.values[i * cols + i] += damping * mean;
    try {
      return await cholesky(damped, run);
    } catch (error) {
      if (!(error instanceof NotPositiveDefinite) || damping > 1) throw error;
    }
  }
}

/** Reads weights of a calibration. Throws RecipeError, in the name of `who`, where it does not hold them. */
export async function weightsOf(
  by: Weighing,
  calibration: Calibration | null,
  who: string,
  run: Run,
): Promise<Weights> {
  switch (by) {
    case "plain":
      return { kind: "plain" };
    case "meanabs":
      return { kind: "columns", factors: positive(partOf(calibration, "meanAbs", who)) };
    case "inputs":
      return { kind: "columns", factors: positive(partOf(calibration, "meanSquare", who).map(Math.sqrt)) };
    case "gram":
      return { kind: "gram", factor: await factorOf(partOf(calibration, "gram", who), run) };
    case "outputs": {
      const output = partOf(calibration, "output", who);
      const square = (i: number) => output.values[i * output.cols + i];
      return {
        kind: "rows",
        factors: positive(Float64Array.from({ length: output.rows }, (_, i) => Math.sqrt(square(i)))),
      };
    }
  }
}

/** The matrix as errors of it weigh. */
async function weighed(matrix: Dense, weights: Weights, run: Run): Promise<Dense> {
  const { rows, cols, values } = matrix;
  if (weights.kind === "plain") return matrix;
  if (weights.kind === "gram") return multiply(matrix, weights.factor, { transposeB: true }, run);
  const { kind, factors } = weights;
  const out = dense(rows, cols);
  for (let r = 0, i = 0; r < rows; r++)
    for (let c = 0; c < cols; c++, i++) out.values[i] = values[i] * factors[kind === "rows" ? r : c];
  return out;
}

/** Gives both factors of a direction the same norm. */
function balance(left: Dense, right: Dense): void {
  const rank = right.rows;
  for (let k = 0; k < rank; k++) {
    let [a, b] = [0, 0];
    for (let r = 0; r < left.rows; r++) a += left.values[r * rank + k] ** 2;
    for (let c = 0; c < right.cols; c++) b += right.values[k * right.cols + c] ** 2;
    const turn = a > 0 && b > 0 ? Math.sqrt(Math.sqrt(b / a)) : 0;
    for (let r = 0; r < left.rows; r++) left.values[r * rank + k] *= turn;
    for (let c = 0; c < right.cols; c++)
      right.values[k * right.cols + c] = turn === 0 ? 0 : right.values[k * right.cols + c] / turn;
  }
}

/**
 * The left right of a rank with the least weighted sum of squares of matrix - left right (Eckart and Young, of the weighted matrix).
 * With the left singular vectors U of the weighted matrix it is U U^T matrix, or S^-1 U U^T S matrix for weights S of rows. `fade` is how
 * far the second half of the directions has faded, 0 to 1 (QVGen, arXiv 2505.11497).
 */
export async function fitThin(matrix: Dense, rank: number, weights: Weights, run: Run, fade = 0): Promise<Thin> {
  const { rows, cols } = matrix;
  const image = await weighed(matrix, weights, run);
  const total = energyOf(image);
  const { singular, left: u, right: v } = await truncatedSvd(image, rank, run);
  const kept = singular.map((s, k) => s * (k < Math.ceil(rank / 2) ? 1 : (1 + Math.cos(Math.PI * fade)) / 2));
  const missing = Math.max(0, total - singular.reduce((sum, s) => sum + s * s, 0));
  if (weights.kind === "plain") {
    const root = kept.map(Math.sqrt);
    const left = dense(
      rows,
      rank,
      u.values.map((x, i) => x * root[i % rank]),
    );
    const right = dense(
      rank,
      cols,
      v.values.map((x, i) => x * root[Math.floor(i / cols)]),
    );
    return { left, right, singular, missing };
  }
  const faded = dense(
    rows,
    rank,
    u.values.map((x, i) => (singular[i % rank] > 0 ? (x * kept[i % rank]) / singular[i % rank] : 0)),
  );
  const rowWeights = weights.kind === "rows" ? weights.factors : null;
  const target = rowWeights ? image : matrix;
  const right = await multiply(transposed(u), target, {}, run);
  if (rowWeights) for (let i = 0; i < faded.values.length; i++) faded.values[i] /= rowWeights[Math.floor(i / rank)];
  balance(faded, right);
  return { left: faded, right, singular, missing };
}

/** Both factors as they come back from their own recipe. */
export async function storeThin(
  { left, right }: Pick<Thin, "left" | "right">,
  recipe: Parameters<StepJob["store"]>[2],
  job: Pick<StepJob, "store">,
) {
  const single = ({ rows, cols, values }: Dense) => ({ rows, cols, values: new Float32Array(values) });
  return {
    left: await job.store("left factor", single(left), recipe),
    right: await job.store("right factor", single(right), recipe),
  };
}

/** What a reader has to know of a rank that was asked for. */
export const rankNotes = (who: string, asked: number, rank: number): string[] =>
  asked > rank ? [`${who}: a matrix of this shape has rank ${rank} at most, which is kept instead of ${asked}`] : [];
