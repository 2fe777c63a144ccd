/** How far what was added up is from what was measured: ratios of measured KL to the prediction, and a fit where units differ. */
import type { MeasuredPoint } from "./points.ts";
import { measuredKl } from "./points.ts";

export interface Ratio {
  point: MeasuredPoint;
  /** Measured over predicted. */
  ratio: number;
  /** Of the ratio, from the measurement alone: a prediction's own error is not in it. */
  stderr: number | null;
}

export interface Additivity {
  ratios: readonly Ratio[];
  /** Geometric mean of the ratios: 1 where losses add up. */
  center: number;
  /** The least and the largest of them. */
  least: number;
  most: number;
  /** exp of the standard deviation of their logarithms: a factor; null of fewer than two. */
  factor: number | null;
  /** Points left out: not measured, broken, at or below the noise, or predicted as nothing. */
  leftOut: number;
}

/**
 * Ratios of measured KL to what the signal predicted, over the points that it predicts. Logarithms, since both lie over decades: a plain
 * mean would be that of the largest. Null where no point has both.
 * @param noise KL at or below which there is none
 */
export function additivityOf(points: readonly MeasuredPoint[], noise: number | null): Additivity | null {
  const ratios: Ratio[] = [];
  let leftOut = 0;
  for (const point of points) {
    if (point.predicted === null) continue;
    const kl = measuredKl(point);
    if (kl === null || !(kl > (noise ?? 0)) || !(point.predicted > 0) || !Number.isFinite(point.predicted)) {
      leftOut++;
      continue;
    }
    const stderr = point.measured!.stderr === null ? null : point.measured!.stderr / point.predicted;
    ratios.push({ point, ratio: kl / point.predicted, stderr });
  }
  if (ratios.length === 0) return null;
  const logs = ratios.map(({ ratio }) => Math.log(ratio));
  const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
  const square = logs.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const all = ratios.map(({ ratio }) => ratio);
  return {
    ...{ ratios, leftOut, center: Math.exp(mean), least: Math.min(...all), most: Math.max(...all) },
    factor: logs.length < 2 ? null : Math.exp(Math.sqrt(square / (logs.length - 1))),
  };
}

/** Fewer points than this tell nothing of a fit's spread. */
export const LEAST_TO_FIT = 3;

const three = (x: number): string => Number(x.toPrecision(3)).toString().replace("-", "−");
const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/**
 * The additivity error in words. Where the prediction is a KL, ratios say by how much the sum is off; in another unit their center is a
 * mere conversion, and only their spread says something.
 */
export function additivityWords(of: Additivity | null, unit: "kl" | "other"): string {
  if (!of) return "No point has both a prediction and a measured KL above the noise.";
  const { ratios, center, least, most, factor, leftOut } = of;
  const over = `${counted(ratios.length, "point")}${leftOut > 0 ? `, ${leftOut} left out` : ""}`;
  const spread =
    factor === null
      ? "one point tells no spread"
      : `from ${three(least)} to ${three(most)}, a standard deviation of a factor of ${three(factor)}`;
  if (unit === "other")
    return ratios.length < LEAST_TO_FIT
      ? `${over}: too few to fit KL to a prediction in another unit.`
      : `Fitted: KL ≈ ${three(center)} × prediction (geometric mean of ${over}); single points lie at ${three(least / center)} to ${three(most / center)} times that.`;
  const off = center >= 1 ? `${three(center)} times` : `${three(center)} of`;
  return `Additivity error: measured KL is ${off} the sum of single tensors' (geometric mean of ${over}), ${spread}.`;
}
