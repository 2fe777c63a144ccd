import { partOf } from "../../calibration/index.ts";
import { type Dense, dense, multiply, type Run } from "../../linalg/index.ts";
import { INVERSE, inverseTerm } from "../gptq/work.ts";
import { codeWithFeedback } from "../solving/feedback.ts";
import { codingOrder, damped, factored, type Hessian, hessianOf, momentOf } from "../solving/hessian.ts";
import type { Matrix, Solver, SolverJob } from "../step.ts";
import type { QronosParams } from "./index.ts";

/** Rounds in which the largest eigenvalue is come near to. */
const POWER_ROUNDS = 30;

/** The largest eigenvalue of H by power iteration from a vector of ones. */
async function largestEigenvalue({ cols, values }: Dense, job: SolverJob): Promise<number> {
  let v = new Float64Array(cols).fill(1 / Math.sqrt(cols));
  let norm = 0;
  for (let k = 0; k < POWER_ROUNDS; k++) {
    await job.checkpoint(0, 1, "inputs");
    const next = new Float64Array(cols);
    for (let i = 0; i < cols; i++) {
      let sum = 0;
      for (let j = 0; j < cols; j++) sum += values[i * cols + j] * v[j];
      next[i] = sum;
    }
    norm = Math.sqrt(next.reduce((sum, x) => sum + x * x, 0));
    if (norm === 0) return 0;
    v = next.map((x) => x / norm);
  }
  return norm;
}

/** Rows between two looks at whoever may cancel. */
const ROWS = 128;

/** The operand in coding order in float64; values that are not finite, and columns that no input reaches, are zero. */
async function ordered({ rows, cols, values }: Matrix, { order, dead }: Hessian, job: SolverJob): Promise<Dense> {
  const out = dense(rows, cols);
  for (let r = 0; r < rows; r++) {
    if (r % ROWS === 0) await job.checkpoint(0, 1, "inputs");
    for (let i = 0; i < cols; i++) {
      const x = values[r * cols + order[i]];
      if (dead[order[i]] === 0 && x - x === 0) out.values[r * cols + i] = x;
    }
  }
  return out;
}

/** All but the first rows and columns of a matrix. */
function inner({ rows, cols, values }: Dense, firstRow: number): Dense {
  const out = dense(rows - firstRow, cols - 1);
  for (let r = firstRow; r < rows; r++) {
    out.values.set(values.subarray(r * cols + 1, (r + 1) * cols), (r - firstRow) * (cols - 1));
  }
  return out;
}

/**
 * Qronos (Zhang and others): the first column becomes what makes up best for the inputs' change while the others stay; with its code,
 * all others become the best of least squares; from there on errors are pushed on as GPTQ does. H is of the inputs now, G of inputs
 * before and now: column 0 is (w G_0 - sum over j > 0 of w_j H_0j) / H_00, the rest (w G - q_0 H_0) H^-1 without row and column 0.
 */
export const work: Solver<QronosParams> = {
  kind: "solver",
  async solve({ damp, order }, { operand, calibration, quantizer }, job) {
    const { rows, cols } = operand;
    const hessian = await hessianOf(calibration, (gram) => codingOrder(gram, order), "qronos", job);
    const how = { ...INVERSE, kind: "inverse, damped by eigenvalue", damp, unit: largestEigenvalue };
    const { factor, damping, notes } = await factored(hessian, how, "qronos", job);
    const cross = await momentOf(partOf(calibration, "cross", "qronos"), calibration!, hessian, job);
    const w = await ordered(operand, hessian, job);
    const h = hessian.matrix.values;
    const start = new Float64Array(rows * cols);
    const firsts = new Float32Array(rows);
    // Column 0 of G less the rest of row 0 of H.
    const lead = Float64Array.from({ length: cols }, (_, j) => cross.values[j * cols] - (j > 0 ? h[j] : 0));
    for (let r = 0; r < rows; r++) {
      if (r % ROWS === 0) await job.checkpoint(0, 1, "inputs");
      let sum = 0;
      for (let j = 0; j < cols; j++) sum += w.values[r * cols + j] * lead[j];
      start[r * cols] = sum / h[0];
      firsts[r] = start[r * cols];
    }
    const results = new Float32Array(rows);
    quantizer.encode(hessian.order[0], 0, firsts, results, new Uint32Array(rows));
    if (cols > 1) {
      const rest = await restOf(w, damped(cross, damping), h, results, factor, job);
      for (let r = 0; r < rows; r++) {
        start.set(rest.values.subarray(r * (cols - 1), (r + 1) * (cols - 1)), r * cols + 1);
      }
    }
    const terms = [laterErrors(factor)];
    const { codes, quantized } = await codeWithFeedback(
      { operand, ...hessian, start, terms, refit: false },
      quantizer,
      job,
    );
    return { codes, quantized, bits: [], notes: [...hessian.notes, ...notes], loss: null };
  },
};

/** What all columns but the first become before they are coded. U^T U is the inverse of the damped H, U without row and column 0 that of its rest. */
async function restOf(w: Dense, cross: Dense, h: Float64Array, first: Float32Array, factor: Dense, job: SolverJob) {
  let stage = 0;
  const run: Run = { pace: (done, total) => job.checkpoint(stage + done / total, 6, "columns") };
  const aim = await multiply(w, inner(cross, 0), {}, run);
  const width = aim.cols;
  for (let r = 0; r < aim.rows; r++) {
    const q = first[r] - first[r] === 0 ? first[r] : 0;
    for (let j = 0; j < width; j++) aim.values[r * width + j] -= q * h[j + 1];
  }
  const u = inner(factor, 1);
  stage = 1;
  const half = await multiply(aim, u, { transposeB: true }, run);
  stage = 2;
  return multiply(half, u, {}, run);
}

/** GPTQ's errors but for those of the first column, which the others have made up for already. */
function laterErrors(factor: Dense) {
  const term = inverseTerm(factor);
  const { errors } = term;
  return {
    ...term,
    errors(...[column, into, to]: Parameters<typeof errors>) {
      if (column.i === 0) into.fill(0, to, to + column.count);
      else errors(column, into, to);
    },
  };
}
