import { partOf } from "../../calibration/index.ts";
import { stablePow } from "../../exact/pow.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { type Dense, dense, multiply } from "../../linalg/index.ts";
import { scaledRows } from "../channels.ts";
import type { FittedTransform, Matrix, Rows, StepJob } from "../step.ts";
import { type Clips, clipped, findClips } from "./clip.ts";
import type { AwqParams } from "./index.ts";

/** Factors stay above this, as in AWQ's code. */
const LEAST = 1e-4;
/** Tokens that the search looks at, the first of those kept. */
const MOST_TOKENS = 512;

interface Found {
  factors: Float32Array;
  clips: Clips | null;
}

/** mean|x|^r, at least 1e-4, over the root of its largest times its least; float32 as it would be folded. */
function factorsOf(meanAbs: Float64Array, ratio: number): Float32Array {
  const powers = meanAbs.map((x) => Math.max(LEAST, ratio === 0 ? 1 : x === 0 ? 0 : stablePow(x, ratio)));
  let [least, most] = [Infinity, 0];
  for (const s of powers) [least, most] = [Math.min(least, s), Math.max(most, s)];
  const centre = Math.sqrt(most * least);
  return Float32Array.from(powers, (s) => s / centre);
}

/**
 * The sum of squares of (W - result / s) X^T, in float64: the loss whose least is looked for. The weight's rows come first, so that
 * threads share them out.
 */
async function outputError(
  inputs: Dense,
  { rows, cols, values }: Matrix,
  result: Float32Array,
  factors: Float32Array,
  job: StepJob,
): Promise<number> {
  const apart = dense(rows, cols);
  for (let at = 0; at < values.length; at += cols) {
    for (let c = 0; c < cols; c++) {
      const e = values[at + c] - Math.fround(result[at + c] / factors[c]);
      // What is not finite is in no loss: it is the same for every ratio.
      apart.values[at + c] = e - e === 0 ? e : 0;
    }
  }
  const pace = () => job.checkpoint(0, 1, "ratios");
  const errors = await multiply(apart, inputs, { transposeB: true }, { pace });
  let sum = 0;
  for (const e of errors.values) sum += e * e;
  return sum;
}

export const work: FittedTransform<AwqParams, Found> = {
  kind: "transform",
  async fit({ grid, clip }, operand, job) {
    const { rows, cols, values } = operand;
    const meanAbs = partOf(job.calibration, "meanAbs", "awq");
    const kept = partOf(job.calibration, "rows", "awq");
    if (kept.length === 0) throw new RecipeError("awq judges by the tokens kept, and none was kept");
    const tokens = Math.min(MOST_TOKENS, kept.length / cols);
    const inputs = dense(tokens, cols, Float64Array.from(kept.subarray(0, tokens * cols)));
    const whole: Rows = { row0: 0, rows, cols, values };
    let [best, least] = [factorsOf(meanAbs, 0), Infinity];
    for (let k = 0; k < grid; k++) {
      await job.checkpoint(k, grid + (clip > 0 ? 10 : 0), "ratios");
      const factors = factorsOf(meanAbs, k / grid);
      const scaled = scaledRows(whole, factors, false);
      const { values: result } = await job.rest({ rows, cols, values: scaled });
      const loss = await outputError(inputs, operand, result, factors, job);
      // Of two equal losses the smaller ratio.
      if (loss < least) [best, least] = [factors, loss];
    }
    const clips = clip > 0 ? await findClips(operand, best, inputs, clip, job) : null;
    return { factors: best, clips };
  },
  forward({ factors, clips }, rows) {
    const scaled = scaledRows(rows, factors, false);
    return clips ? clipped({ ...rows, values: scaled }, clips) : scaled;
  },
  inverse: ({ factors }, rows) => scaledRows(rows, factors, true),
  dual: ({ factors }) => ({ kind: "channels", from: null, factor: Float64Array.from(factors, (s) => 1 / s) }),
  bits: () => [],
};
