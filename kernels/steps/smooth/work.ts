import { type Calibration, columnQuantiles, partOf } from "../../calibration/index.ts";
import { stablePow } from "../../exact/pow.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { scaledRows } from "../channels.ts";
import { columnAmax } from "../columns.ts";
import type { FittedTransform } from "../step.ts";
import type { SmoothParams } from "./index.ts";

/** SmoothQuant's code keeps factors and ranges from falling below this. */
const LEAST = 1e-5;

export interface Smoothing {
  /** What the weight's columns are multiplied by, float32 as it would be folded, positive. */
  factors: Float32Array;
  /** What is taken off the inputs before they are divided; null where nothing is. */
  middle: Float64Array | null;
}

/** The middle of each input channel's range. Throws RecipeError where what has to follow of the inputs is not known. */
function middleOf(calibration: Calibration | null): Float64Array {
  const [min, max] = [partOf(calibration, "min", "smooth"), partOf(calibration, "max", "smooth")];
  // The outputs' error takes it.
  partOf(calibration, "mean", "smooth");
  return max.map((high, c) => Math.fround((high + min[c]) / 2));
}

/** The largest magnitude of each input channel less its middle, or the percentile of the magnitudes of the tokens kept. */
function inputRange(calibration: Calibration | null, middle: Float64Array | null, pct: number): Float64Array {
  if (pct === 100) {
    const [min, max] = [partOf(calibration, "min", "smooth"), partOf(calibration, "max", "smooth")];
    return max.map((high, c) => Math.max(high - (middle?.[c] ?? 0), (middle?.[c] ?? 0) - min[c]));
  }
  const rows = partOf(calibration, "rows", "smooth");
  const cols = calibration!.cols;
  const taken = middle ? rows.map((x, i) => x - middle[i % cols]) : rows;
  const found = columnQuantiles(taken, cols, [pct / 100], "magnitudes");
  if (!found) throw new RecipeError("smooth takes percentiles of the tokens kept, and none was kept");
  return found[0].values;
}

export const work: FittedTransform<SmoothParams, Smoothing> = {
  kind: "transform",
  /** s = range(x)^alpha / max|w|^(1 - alpha), in float32 as it would be folded; 1 where the weight has no such channel. */
  async fit({ alpha, pct, by }, operand, job) {
    const middle = by === "centred" ? middleOf(job.calibration) : null;
    const inputs = inputRange(job.calibration, middle, pct);
    const weights = columnAmax(operand);
    await job.checkpoint(1, 1, "channels");
    const factors = Float32Array.from(inputs, (x, c) => {
      if (weights[c] === 0) return 1;
      const [range, own] = [Math.max(x, LEAST), Math.max(weights[c], LEAST)];
      const moved = alpha > 0 ? stablePow(range, alpha) : 1;
      return Math.max(LEAST, moved / (alpha < 1 ? stablePow(own, 1 - alpha) : 1));
    });
    return { factors, middle };
  },
  forward: ({ factors }, rows) => scaledRows(rows, factors, false),
  inverse: ({ factors }, rows) => scaledRows(rows, factors, true),
  dual: ({ factors, middle }) => ({
    ...{ kind: "channels", from: null, factor: Float64Array.from(factors, (s) => 1 / s) },
    ...(middle && { shift: middle }),
  }),
  bits: ({ middle }, { rows, cols }) =>
    middle ? [{ what: `bias of ${rows} outputs for the inputs' middle (f32)`, bitsPerWeight: 32 / cols }] : [],
};
