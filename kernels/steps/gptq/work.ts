import { partOf } from "../../calibration/index.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { type Dense, inverseFactor } from "../../linalg/index.ts";
import { curvatureOf } from "../solving/curvature.ts";
import { codeWithFeedback, type FeedbackTerm } from "../solving/feedback.ts";
import { codingOrder, factored, hessianOf } from "../solving/hessian.ts";
import type { Solver } from "../step.ts";
import type { GptqParams } from "./index.ts";

/** An error (w - q) / U[i][i] of column i takes e U[i][j] from each column after it; U is upper triangular, U^T U the inverse of H. */
export function inverseTerm(factor: Dense): FeedbackTerm {
  const { cols, values: u } = factor;
  return {
    push: factor,
    errors({ i, count, values, at, results }, into, to) {
      const d = u[i * cols + i];
      for (let r = 0; r < count; r++) into[to + r] = (values[at + r] - results[r]) / d;
    },
  };
}

/** The factor that GPTQ pushes errors by. */
export const INVERSE = { kind: "inverse", factor: inverseFactor };

/** Whether groups lie in coding order: the columns are then moved before blocks are laid. */
const moves = ({ order, groups }: GptqParams): boolean => order === "gram" && groups !== "static";

/** GPTQ (Frantar and others); `loss` is 1/2 tr(dW H dW^T) with the damped H, over what is finite. */
export const work: Solver<GptqParams> = {
  kind: "solver",
  arrange(params, _, calibration) {
    return moves(params) ? codingOrder(partOf(calibration, "gram", "gptq"), "gram") : null;
  },
  async solve(params, { operand, calibration, quantizer }, job) {
    const dynamic = params.groups === "dynamic";
    if (dynamic && quantizer.blockCols === null) {
      throw new RecipeError("gptq finds scales anew for blocks along a row, as /128 or 8x64: leave out groups=dynamic");
    }
    // What spans the rows is entered once, before anything was coded.
    const refit = dynamic && quantizer.blockCols! < operand.cols;
    const order = moves(params) ? "none" : params.order;
    const hessian = await hessianOf(calibration, (gram) => codingOrder(gram, order), "gptq", job);
    const { damp, hessian: how } = params;
    const { factor, notes } =
      how === "gram"
        ? await factored(hessian, { ...INVERSE, damp }, "gptq", job)
        : await curvatureOf(how, calibration, hessian, damp, "gptq", job);
    const terms = [inverseTerm(factor)];
    const { codes, quantized, squares } = await codeWithFeedback({ operand, ...hessian, terms, refit }, quantizer, job);
    return { codes, quantized, bits: [], notes: [...hessian.notes, ...notes], loss: squares / 2 };
  },
};
