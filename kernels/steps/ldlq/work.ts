import { codeWithFeedback } from "../solving/feedback.ts";
import { codingOrder, factored, hessianOf } from "../solving/hessian.ts";
import { FEEDBACK, linearTerm } from "../solving/linear.ts";
import type { Solver } from "../step.ts";
import type { LdlqParams } from "./index.ts";

/** LDLQ (Chee and others): H = (A + I) D (A + I)^T, and column k becomes Q(w_k + sum over j < k of (w_j - q_j) A[j][k]). */
export const work: Solver<LdlqParams> = {
  kind: "solver",
  async solve({ damp, order }, { operand, calibration, quantizer }, job) {
    const hessian = await hessianOf(calibration, (gram) => codingOrder(gram, order), "ldlq", job);
    const { factor, notes } = await factored(hessian, { ...FEEDBACK, damp }, "ldlq", job);
    const terms = [linearTerm(factor)];
    const { codes, quantized } = await codeWithFeedback({ operand, ...hessian, terms, refit: false }, quantizer, job);
    return { codes, quantized, bits: [], notes: [...hessian.notes, ...notes], loss: null };
  },
};
