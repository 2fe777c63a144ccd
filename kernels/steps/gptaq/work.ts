import { partOf } from "../../calibration/index.ts";
import { type Dense, dense, multiply, type Run } from "../../linalg/index.ts";
import { INVERSE, inverseTerm } from "../gptq/work.ts";
import { codeWithFeedback, type FeedbackTerm } from "../solving/feedback.ts";
import { codingOrder, factored, hessianOf, momentOf } from "../solving/hessian.ts";
import type { Solver } from "../step.ts";
import type { GptaqParams } from "./index.ts";

/**
 * P = alpha triu((X - X')^T X' U^T, 1) U, over what is twice the mean over tokens: column i adds w P[i][j] to each column j after it,
 * where w is its value when it is coded. X are the inputs before, X' those now, and U^T U the inverse of the damped H. Strictly upper.
 */
async function shiftOf(cross: Dense, hessian: Dense, factor: Dense, alpha: number, run: Run): Promise<Dense> {
  const { cols } = factor;
  const difference = dense(
    cols,
    cols,
    cross.values.map((g, i) => g - hessian.values[i]),
  );
  const turned = await multiply(difference, factor, { transposeB: true }, run);
  for (let i = 0; i < cols; i++) turned.values.fill(0, i * cols, i * cols + i + 1);
  const out = await multiply(turned, factor, {}, run);
  for (let i = 0; i < cols; i++) {
    out.values.fill(0, i * cols, i * cols + i + 1);
    for (let j = i + 1; j < cols; j++) out.values[i * cols + j] *= -alpha;
  }
  return out;
}

/** The value itself, whatever it becomes. */
const valueTerm = (push: Dense): FeedbackTerm => ({
  push,
  errors({ count, values, at }, into, to) {
    for (let r = 0; r < count; r++) into[to + r] = values[at + r];
  },
});

/**
 * GPTAQ (Li and others), as the paper's algorithm has it: w is the value before its code within a block and beyond it. (The published
 * code takes what the value became beyond the block of 128.)
 */
export const work: Solver<GptaqParams> = {
  kind: "solver",
  async solve({ damp, alpha, order }, { operand, calibration, quantizer }, job) {
    const hessian = await hessianOf(calibration, (gram) => codingOrder(gram, order), "gptaq", job);
    const { factor, notes } = await factored(hessian, { ...INVERSE, damp }, "gptaq", job);
    const cross = await momentOf(partOf(calibration, "cross", "gptaq"), calibration!, hessian, job);
    const run: Run = { pace: (done, total) => job.checkpoint(done, 2 * total, "columns") };
    const shift = await shiftOf(cross, hessian.matrix, factor, alpha, run);
    const terms = [inverseTerm(factor), valueTerm(shift)];
    const { codes, quantized } = await codeWithFeedback({ operand, ...hessian, terms, refit: false }, quantizer, job);
    return { codes, quantized, bits: [], notes: [...hessian.notes, ...notes], loss: null };
  },
};
