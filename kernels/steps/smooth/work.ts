import { type Calibration, columnQuantiles, partOf } from "../../calibration/index.ts";
import { stablePow } from "../../exact/pow.ts";
import { RecipeError } from "../../grammar/errors.ts";
import { scaledChannels } from "../channels.ts";
import { columnAmax } from "../columns.ts";
import type { SmoothParams } from "./index.ts";

/** SmoothQuant's code keeps factors and ranges from falling below this. */
const LEAST = 1e-5;

/** The largest magnitude of each input channel, or the percentile of the magnitudes of the tokens kept. */
function inputRange(calibration: Calibration | null, cols: number, pct: number): Float64Array {
  if (pct === 100) {
    const [min, max] = [partOf(calibration, "min", "smooth"), partOf(calibration, "max", "smooth")];
    return max.map((high, c) => Math.max(high, -min[c]));
  }
  const rows = partOf(calibration, "rows", "smooth");
  const found = columnQuantiles(rows, cols, [pct / 100], "magnitudes");
  if (!found) throw new RecipeError("smooth takes percentiles of the tokens kept, and none was kept");
  return found[0].values;
}

/** s = range(x)^alpha / max|w|^(1 - alpha), in float32 as it would be folded; 1 where the weight has no such channel. */
export const work = scaledChannels<SmoothParams>(async ({ alpha, pct }, operand, job) => {
  const inputs = inputRange(job.calibration, operand.cols, pct);
  const weights = columnAmax(operand);
  await job.checkpoint(1, 1, "channels");
  return Float32Array.from(inputs, (x, c) => {
    if (weights[c] === 0) return 1;
    const [range, own] = [Math.max(x, LEAST), Math.max(weights[c], LEAST)];
    return Math.max(LEAST, (alpha > 0 ? stablePow(range, alpha) : 1) / (alpha < 1 ? stablePow(own, 1 - alpha) : 1));
  });
});
