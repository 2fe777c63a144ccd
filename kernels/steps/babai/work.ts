import { RecipeError } from "../../grammar/errors.ts";
import { codeWithFeedback } from "../solving/feedback.ts";
import { factored, hessianOf } from "../solving/hessian.ts";
import { FEEDBACK, linearTerm } from "../solving/linear.ts";
import type { ElementQuantizer, Matrix, Solver } from "../step.ts";
import type { BabaiParams } from "./index.ts";

/**
 * Babai's nearest plane over the lattice whose basis are the columns of H^(1/2) in steps of the scales: the last basis vector first. The
 * same walk as GPTQ's, from the other end (Chen and others). Only without ends is it a lattice, and are the paper's bounds kept.
 */
export const work: Solver<BabaiParams> = {
  kind: "solver",
  async solve({ damp, clip }, { operand, calibration, quantizer }, job) {
    const { rows, cols } = operand;
    const backwards = Uint32Array.from({ length: cols }, (_, i) => cols - 1 - i);
    const hessian = await hessianOf(calibration, () => backwards, "babai", job);
    const beyond = clip ? null : withoutEnds(quantizer, operand);
    const { factor, notes } = await factored(hessian, { ...FEEDBACK, damp }, "babai", job);
    const terms = [linearTerm(factor)];
    const feedback = { operand, ...hessian, terms, refit: false };
    const { codes, quantized } = await codeWithFeedback(feedback, beyond?.quantizer ?? quantizer, job);
    const solution = { codes, quantized, notes: [...hessian.notes, ...notes], loss: null };
    if (!beyond) return { ...solution, bits: [] };
    const found = Uint32Array.from(beyond.inside.keys()).filter((at) => !Number.isNaN(beyond.inside[at]));
    const aside = { at: found, values: Float32Array.from(found, (at) => quantized[at]) };
    for (const at of found) quantized[at] = beyond.inside[at];
    const places = Math.ceil(Math.log2(Math.max(2, rows * cols)));
    const bits = [
      {
        what: `${found.length} codes beyond the range (int16), with their places`,
        bitsPerWeight: (found.length * (16 + places)) / (rows * cols),
      },
    ];
    return { ...solution, aside, bits };
  },
};

/**
 * A quantizer that goes on beyond its range, and remembers where: `inside` is NaN but for values beyond, where it is what the code at the
 * end of the range stands for. Throws RecipeError where its levels do not go on.
 */
function withoutEnds(
  quantizer: ElementQuantizer,
  { rows, cols }: Matrix,
): { quantizer: ElementQuantizer; inside: Float32Array } {
  const { open } = quantizer;
  if (!open) throw new RecipeError("babai(clip=no) goes on beyond the range, and only integers have levels there");
  const inside = new Float32Array(rows * cols).fill(Number.NaN);
  const encode: ElementQuantizer["encode"] = (col, row0, values, results, codes) => {
    quantizer.encode(col, row0, values, results, codes);
    const within = results.slice();
    open(col, row0, values, results);
    for (let r = 0; r < values.length; r++) {
      if (results[r] !== within[r] && !Number.isNaN(within[r])) inside[(row0 + r) * cols + col] = within[r];
    }
  };
  return { quantizer: { ...quantizer, encode }, inside };
}
