import { type Groups, leastBits, mostBits } from "../groups.ts";
import { cornersOf } from "../hull.ts";
import { waterFilling } from "../water-filling.ts";
import { fill, shrink } from "./greedy.ts";
import { nearest } from "./round.ts";
import type { Solver } from "./types.ts";

/** Widths in closed form for losses that fall fourfold a bit, rounded to choices. */
export const water: Solver = {
  name: "water",
  title: "water-filling",
  says: "takes every tensor's loss for variance times 4 to the power of minus its bits, whose best widths are known in closed form, and rounds them to choices",
  paper: {
    title: "AMAQ: adaptive mixed-bit activation quantization for collaborative parameter efficient fine-tuning",
    where: "arXiv 2510.05468",
  },
  counts: "tensors",
  drawn: false,
  upTo: 2 ** 17,
  async solve(groups, budgetBits, control) {
    await control.checkpoint(0, 1, "widths");
    const { corners, place } = cornersOf(groups);
    const { starts, count, bits, fixedBits } = corners;
    const target = Math.min(budgetBits - fixedBits, mostBits(groups));
    if (leastBits(groups) > target) return null;
    const fits = Array.from({ length: count }, (_, g) => fitOf(corners, g));
    const values = fits.map((fit) => fit.values);
    const all = values.reduce((a, b) => a + b, 0);
    const widths =
      all === 0
        ? new Float64Array(count)
        : waterFilling(
            Float64Array.from(fits, (fit) => fit.variance),
            target / all,
            {
              least: Float64Array.from(values, (n, g) => bits[starts[g]] / n),
              most: Float64Array.from(values, (n, g) => bits[starts[g + 1] - 1] / n),
              weights: values,
            },
          );
    const wanted = widths.map((width, g) => width * values[g]);
    const at = nearest(corners, wanted).map((corner) => place[corner]);
    shrink(groups, at, budgetBits);
    const spent = at.reduce((sum, k) => sum + groups.bits[k], fixedBits);
    await fill(groups, at, budgetBits - spent, control);
    return { at, work: count, bound: null, trace: null };
  },
};

/**
 * Values and variance for which values * variance * 4^(-bits / values) is nearest to a group's losses, by least squares of logarithms. Losses
 * that are not above zero have none and are left out; where two are not left, a value has one bit.
 */
function fitOf({ starts, bits, loss }: Groups, g: number): { values: number; variance: number } {
  let [n, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (let k = starts[g]; k < starts[g + 1]; k++) {
    if (!(loss[k] > 0)) continue;
    const log = Math.log2(loss[k]);
    n++;
    x += bits[k];
    y += log;
    xx += bits[k] * bits[k];
    xy += bits[k] * log;
  }
  const slope = (n * xy - x * y) / (n * xx - x * x);
  const most = bits[starts[g + 1] - 1];
  if (!(slope < 0)) return { values: Math.max(1, most), variance: 0 };
  const values = -2 / slope;
  const variance = 2 ** ((y - slope * x) / n) / values;
  return Number.isFinite(values) && Number.isFinite(variance)
    ? { values, variance }
    : { values: Math.max(1, most), variance: 0 };
}
