import { RecipeError } from "../../grammar/errors.ts";
import { blockFeedback, codeBlocks } from "../solving/blocks.ts";
import { codeWithFeedback } from "../solving/feedback.ts";
import { codingOrder, factored, hessianOf } from "../solving/hessian.ts";
import { FEEDBACK, linearTerm } from "../solving/linear.ts";
import type { Solver } from "../step.ts";
import type { LdlqParams } from "./index.ts";

/**
 * LDLQ (Chee and others): H = (A + I) D (A + I)^T, and column k becomes Q(w_k + sum over j < k of (w_j - q_j) A[j][k]). In blocks of columns as QuIP#
 * has it (arXiv 2402.04396): A is strictly upper triangular over blocks, and D is over blocks.
 */
export const work: Solver<LdlqParams> = {
  kind: "solver",
  async solve({ damp, order }, { operand, calibration, quantizer }, job) {
    const hessian = await hessianOf(calibration, (gram) => codingOrder(gram, order), "ldlq", job);
    const { factor, notes } = await factored(hessian, { ...FEEDBACK, damp }, "ldlq", job);
    const terms = [linearTerm(factor)];
    const { codes, quantized } = await codeWithFeedback({ operand, ...hessian, terms, refit: false }, quantizer, job);
    return { codes, quantized, bits: [], notes: [...hessian.notes, ...notes], loss: null };
  },
  async solveColumns({ damp, order }, { operand, calibration, coder, columns }, job) {
    if (order === "gram") {
      throw new RecipeError(
        "ldlq(order=gram) moves columns that one code stands for away from each other: leave out order=gram",
      );
    }
    const hessian = await hessianOf(calibration, (gram) => codingOrder(gram, "none"), "ldlq", job);
    const { factor, notes } = await factored(hessian, { ...blockFeedback(columns), damp }, "ldlq", job);
    await codeBlocks({ operand, dead: hessian.dead, push: factor, columns }, coder, job);
    return [...hessian.notes, ...notes];
  },
};
