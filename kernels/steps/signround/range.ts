/** AutoRound's tuning of ranges beside rounding: a block's scale is that of its range times a factor, which moves by signs as well. */
import { batches } from "../learning/batches.ts";
import { BestScaled, ScaledQuantizer } from "../learning/scaled.ts";
import { choicesOf } from "../solving/choices.ts";
import type { ElementQuantizer, Matrix, Solution, SolverJob } from "../step.ts";
import type { SignroundParams } from "./index.ts";

/** A range shrinks to this share at the most. */
const LEAST = 0.5;
/** How often all tokens are asked whether it went well. */
const LOOKS = 10;

export async function tuned(
  { steps, batch, seed }: SignroundParams,
  inputs: Float32Array,
  operand: Matrix,
  quantizer: ElementQuantizer,
  job: SolverJob,
): Promise<Solution> {
  const { rows, cols, values: w } = operand;
  const scaled = new ScaledQuantizer(operand, quantizer, "signround(range=tuned)", job);
  const { below, above } = await choicesOf(operand, quantizer, job);
  // A step of the quantizer at each weight, under the scales that its rule finds; it shrinks as they do.
  const gap = Float64Array.from(w, (x, i) => {
    const step = above[i] - below[i];
    return step - step === 0 && x - x === 0 ? step : 0;
  });
  const added = new Float64Array(w.length);
  const factors = new Float64Array(scaled.blocks).fill(1);
  const best = await BestScaled.start(scaled, operand, inputs);
  const nearest = best.coded.codes.slice();
  const tokens = batches(inputs, cols, batch, seed);
  const look = Math.max(1, Math.floor(steps / LOOKS));
  for (let step = 0; step <= steps; step++) {
    await job.checkpoint(step, steps + 1, "steps");
    scaled.scale(factors);
    const asked = new Float32Array(w.length);
    for (let r = 0, i = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++, i++) asked[i] = w[i] + added[i] * gap[i] * factors[scaled.blockAt(r, c)];
    }
    const coded = await scaled.code(asked);
    if (step > 0 && (step % look === 0 || step === steps)) await best.offer(coded, factors);
    if (step === steps) break;
    const gradient = await scaled.gradient(coded.results, tokens.next().value);
    const atRanges = scaled.atSteps(gradient, asked, coded);
    // All steps together reach half a step of the quantizer, and half a range.
    const rate = (1 - step / steps) / steps;
    for (let i = 0; i < added.length; i++) {
      if (gap[i] > 0) added[i] = Math.min(0.5, Math.max(-0.5, added[i] - rate * Math.sign(gradient[i])));
    }
    for (let k = 0; k < factors.length; k++) {
      factors[k] = Math.min(1, Math.max(LEAST, factors[k] - rate * Math.sign(atRanges[k])));
    }
  }
  scaled.scale(best.factors);
  const shrunk = best.factors.reduce((sum, f) => sum + f, 0) / factors.length;
  const { codes, results } = best.coded;
  const moved = codes.reduce((sum, code, i) => sum + (code === nearest[i] ? 0 : 1), 0);
  const notes = [
    best.loss < best.first
      ? `signround moved ${moved} of ${codes.length} codes, and made ranges ${shrunk.toPrecision(3)} of what they were, on average`
      : "signround found nothing better than the nearest codes",
  ];
  return { codes, quantized: results, bits: [], notes, loss: null };
}
