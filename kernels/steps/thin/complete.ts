/** A matrix of low rank from the values of another that are not zero: the zeros are holes, of which nothing is known. */
import { type Dense, dense, multiply, transposed, truncatedSvd } from "../../linalg/index.ts";
import type { StepJob } from "../step.ts";
import { energyOf, paceOf, type Thin } from "./fit.ts";
import { solveRidged } from "./small.ts";

const MOST_SWEEPS = 60;
/** A sweep that lessens the squared error by less than this share of the values' squares is the last one. */
const SETTLED = 1e-16;
const PACED_ROWS = 64;

/** The best coefficients of each row on the directions (columns of `basis`, cols x k), over its values alone; and what they explain. */
async function coefficients(
  matrix: Dense,
  basis: Dense,
  look: () => Promise<void>,
): Promise<{ fitted: Dense; explained: number }> {
  const { rows, cols, values } = matrix;
  const k = basis.cols;
  const fitted = await multiply(matrix, basis, {}, { pace: look });
  const whole = await multiply(basis, basis, { transposeA: true }, { pace: look });
  const system = new Float64Array(k * k);
  let explained = 0;
  const add = (c: number, sign: number) => {
    for (let i = 0; i < k; i++) {
      const v = sign * basis.values[c * k + i];
      for (let j = 0; j <= i; j++) system[i * k + j] += v * basis.values[c * k + j];
    }
  };
  for (let r = 0; r < rows; r++) {
    if (r % PACED_ROWS === 0) await look();
    const row = values.subarray(r * cols, (r + 1) * cols);
    let holes = 0;
    for (let c = 0; c < cols; c++) if (row[c] === 0) holes++;
    // Whichever are fewer are counted: the holes off the whole, or the values.
    const few = holes <= cols / 8;
    if (few) system.set(whole.values);
    else system.fill(0);
    for (let c = 0; c < cols; c++) if ((row[c] === 0) === few) add(c, few ? -1 : 1);
    const own = fitted.values.subarray(r * k, (r + 1) * k);
    const wanted = own.slice();
    solveRidged(system, own, k);
    for (let i = 0; i < k; i++) explained += own[i] * wanted[i];
  }
  return { fitted, explained };
}

/**
 * Alternating least squares over the values that are not zero (Gu, Song, Yin and Zhang, arXiv 2302.11068), from the largest directions of
 * the matrix with its holes: rows and columns in turn, until the error settles.
 */
export async function completed(matrix: Dense, rank: number, job: StepJob): Promise<Pick<Thin, "left" | "right">> {
  const across = transposed(matrix);
  const total = energyOf(matrix);
  let right = transposed((await truncatedSvd(matrix, rank, { ...paceOf(job), rounds: 4 })).right);
  let left = dense(matrix.rows, rank);
  let before = 0;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    const look = () => job.checkpoint(sweep, MOST_SWEEPS, "sweeps");
    left = (await coefficients(matrix, right, look)).fitted;
    const { fitted, explained } = await coefficients(across, left, look);
    right = fitted;
    if (explained - before <= SETTLED * total) break;
    before = explained;
  }
  return { left, right: transposed(right) };
}
