import type { Calibration } from "../../calibration/types.ts";
import type { Dense, Run } from "../../linalg/index.ts";
import { reverseCholesky } from "../../linalg/index.ts";
import type { CodedMatrix, CodeJob } from "../../plan/code.ts";
import { codeWithFeedback, type FeedbackQuantizer } from "../../steps/solving/feedback.ts";
import { codingOrder, factored, hessianOf } from "../../steps/solving/hessian.ts";
import { linearTerm } from "../../steps/solving/linear.ts";
import type { Matrix } from "../../steps/step.ts";
import type { WorkOf } from "../code.ts";
import { rootMeanSquare } from "../scale.ts";
import { byEntropy, entropyOf, shifted } from "./counts.ts";
import { powerOfTwo, wholeSteps } from "./ecsq.ts";
import type { WatersicCode } from "./plan.ts";

/** Rows by which the steps are found; more are thinned out evenly. */
const TRIED_ROWS = 256;
/** Rounds in which they are found. */
const ROUNDS = 6;

/** LDLQ's feedback, with the factor's diagonal in its place: what an error of each column costs. */
const FACTORING = {
  kind: "feedback with its diagonal",
  async factor(matrix: Dense, run: Run): Promise<Dense> {
    const factor = await reverseCholesky(matrix, run);
    const { cols, values: r } = factor;
    const diagonal = Float64Array.from({ length: cols }, (_, i) => r[i * cols + i]);
    for (let i = 0; i < cols; i++) for (let j = i + 1; j < cols; j++) r[i * cols + j] = -r[i * cols + j] / diagonal[j];
    return factor;
  },
};

/**
 * Cells of a column's step. A code stands for a whole multiple of the column's unit: the one with the least squared error, found where
 * `find` says so, and else as it stands.
 */
const quantizerOf = (steps: Float32Array, units: Float32Array, find: boolean): FeedbackQuantizer => ({
  ...{ blockCols: null, rowPeriod: 1, refit() {} },
  encode(col, _, values, results, codes) {
    let [moment, square] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      const code = x - x === 0 ? wholeSteps(x, steps[col]) : 0;
      codes[i] = code >>> 0;
      moment += code === 0 ? 0 : code * x;
      square += code * code;
    }
    if (find) units[col] = square > 0 ? moment / square : steps[col];
    for (let i = 0; i < values.length; i++) {
      results[i] = values[i] - values[i] === 0 ? (codes[i] | 0) * units[col] : values[i];
    }
  },
});

/** The mean over columns of the entropy of each one's codes. */
function rateOf(codes: Uint32Array, rows: number, cols: number): number {
  let sum = 0;
  const own = new Int32Array(rows);
  for (let c = 0; c < cols; c++) {
    for (let r = 0; r < rows; r++) own[r] = codes[r * cols + c] | 0;
    sum += entropyOf(own);
  }
  return sum / cols;
}

async function encode(
  code: WatersicCode,
  operand: Matrix,
  known: Calibration | null,
  job: CodeJob,
): Promise<CodedMatrix> {
  const { rate, damp } = code;
  const { rows, cols, values } = operand;
  const hessian = await hessianOf(known, (gram) => codingOrder(gram, "none"), "watersic", job);
  const { factor, notes } = await factored(hessian, { ...FACTORING, damp }, "watersic", job);
  const feedback = (of: Matrix) => ({ operand: of, ...hessian, terms: [linearTerm(factor)], refit: false });
  const stepsOf = (unit: number) =>
    Float32Array.from({ length: cols }, (_, c) => (hessian.dead[c] ? 0 : unit / factor.values[c * cols + c]));
  const thin = Math.ceil(rows / TRIED_ROWS);
  const some = Array.from({ length: Math.ceil(rows / thin) }, (_, i) => i * thin);
  const tried: Matrix = { rows: some.length, cols, values: new Float32Array(some.length * cols) };
  for (const [i, r] of some.entries()) tried.values.set(values.subarray(r * cols, (r + 1) * cols), i * cols);
  const rms = rootMeanSquare(values);
  let mean = 0;
  for (let c = 0; c < cols; c++) mean += factor.values[c * cols + c] / cols;
  // A Gaussian's entropy in steps of s is about log2(4.13 sigma / s); from there by what is missed.
  const units = new Float32Array(cols);
  let bits = Math.min(20, -rate + 2.05);
  for (let round = 0; round < ROUNDS && rms > 0; round++) {
    await job.checkpoint(round, 2 * ROUNDS, "rounds");
    const quiet = { checkpoint: () => job.checkpoint(round, 2 * ROUNDS, "rounds") };
    const { codes } = await codeWithFeedback(
      feedback(tried),
      quantizerOf(stepsOf(rms * mean * powerOfTwo(bits)), units, true),
      quiet,
    );
    const missed = rateOf(codes, tried.rows, cols) - rate;
    if (Math.abs(missed) < 0.002) break;
    bits = Math.max(-30, Math.min(30, bits + Math.round(missed * 2 ** 12) / 2 ** 12));
  }
  const steps = stepsOf(rms * mean * powerOfTwo(bits));
  const rest = { checkpoint: (done: number, total: number) => job.checkpoint(total + done, 2 * total, "values") };
  const coded = await codeWithFeedback(feedback(operand), quantizerOf(steps, units, rows === tried.rows), rest);
  const shown = shifted(Int32Array.from(coded.codes));
  const { codes, least, counts, codeBits } = shown;
  return {
    result: coded.quantized,
    ...{ codes, dim: 1, codeBits, counts, bits: [byEntropy(rateOf(coded.codes, rows, cols))] },
    notes: [
      ...[...hessian.notes, ...notes],
      ...(rows < 256 ? [`watersic: the entropy of a column's ${rows} codes is less than that of many would be`] : []),
    ],
    words: (_, col) => [
      { what: "cell of the column", value: String(steps[col]) },
      { what: "its unit", value: String(units[col]) },
      { what: "code of zero", value: String(-least) },
    ],
  };
}

/**
 * WaterSIC (Lifar and others, arXiv 2603.04956): successive interference cancellation, which is LDLQ's feedback, over whole multiples of
 * a step a column. A column's step is inversely proportional to what its errors cost once all later ones are made up for, so that
 * all cost alike and rates follow from that as in waterfilling; each column's codes are counted by their entropy.
 */
export const work: WorkOf<WatersicCode> = { encode };
