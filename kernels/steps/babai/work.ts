import { RecipeError } from "../../grammar/errors.ts";
import { codeWithFeedback } from "../solving/feedback.ts";
import { factored, hessianOf } from "../solving/hessian.ts";
import { FEEDBACK, linearTerm } from "../solving/linear.ts";
import type { ElementQuantizer, Solver } from "../step.ts";
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
    const beyond = clip ? null : withoutEnds(quantizer, cols);
    const { factor, notes } = await factored(hessian, { ...FEEDBACK, damp }, "babai", job);
    const terms = [linearTerm(factor)];
    const feedback = { operand, ...hessian, terms, refit: false };
    const { codes, quantized } = await codeWithFeedback(feedback, beyond?.quantizer ?? quantizer, job);
    const solution = { codes, quantized, notes: [...hessian.notes, ...notes], loss: null };
    if (!beyond) return { ...solution, bits: [] };
    const found = beyond.found.sort((a, b) => a.at - b.at);
    for (const { at, inside } of found) quantized[at] = inside;
    const aside = {
      at: Uint32Array.from(found, ({ at }) => at),
      values: Float32Array.from(found, ({ value }) => value),
    };
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

/** A value beyond the range: where it is, what it is, and what the code at the end of the range stands for. */
interface Beyond {
  at: number;
  value: number;
  inside: number;
}

/** A quantizer that goes on beyond its range, and remembers where. Throws RecipeError where its levels do not go on. */
function withoutEnds(quantizer: ElementQuantizer, cols: number): { quantizer: ElementQuantizer; found: Beyond[] } {
  const { open } = quantizer;
  if (!open) throw new RecipeError("babai(clip=no) goes on beyond the range, and only integers have levels there");
  const found: Beyond[] = [];
  const encode: ElementQuantizer["encode"] = (col, row0, values, results, codes) => {
    quantizer.encode(col, row0, values, results, codes);
    const inside = results.slice();
    open(col, row0, values, results);
    for (let r = 0; r < values.length; r++) {
      if (results[r] === inside[r] || Number.isNaN(inside[r])) continue;
      found.push({ at: (row0 + r) * cols + col, value: results[r], inside: inside[r] });
    }
  };
  return { quantizer: { ...quantizer, encode }, found };
}
