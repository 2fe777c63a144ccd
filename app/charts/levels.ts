/** The format's levels as they lie on the value axis, and the cell of values that one code stands for. */
import type { Report } from "../../kernels/measure/report.ts";
import type { ScaleReport } from "../../kernels/report/report.ts";

/** Index of the level nearest to `q` in ascending levels; -1 where there are none. */
export function nearestLevel(levels: ArrayLike<number>, q: number): number {
  const n = levels.length;
  if (n === 0) return -1;
  let lo = 0;
  let hi = n - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (levels[mid] <= q) lo = mid;
    else hi = mid - 1;
  }
  return lo + 1 < n && levels[lo + 1] - q < q - levels[lo] ? lo + 1 : lo;
}

/** Values that round to nearest to one level, on the axis of values; open at the ends of the range. */
export interface Cell {
  level: number;
  lo: number;
  hi: number;
}

/** The cell that holds `x` under a scale, by nearest rounding. `null` without levels or with a scale of zero. */
export function cellAt(levels: ArrayLike<number> | null, scale: number, x: number): Cell | null {
  if (!levels || !Number.isFinite(x) || !(scale !== 0 && Number.isFinite(scale))) return null;
  const k = nearestLevel(levels, x / scale);
  if (k < 0) return null;
  const below = k > 0 ? ((levels[k - 1] + levels[k]) / 2) * scale : -Infinity * Math.sign(scale);
  const above = k + 1 < levels.length ? ((levels[k] + levels[k + 1]) / 2) * scale : Infinity * Math.sign(scale);
  return { level: levels[k] * scale, lo: Math.min(below, above), hi: Math.max(below, above) };
}

const isScale = ({ what }: ScaleReport): boolean => what === undefined || what === "scales";
const product = (levels: readonly ScaleReport[]): number => levels.reduce((s, level) => s * level.median, 1);

/** A scale that stands for all blocks: the product of the levels' medians; 1 for a direct cast. */
export const medianScale = (scales: readonly ScaleReport[]): number => product(scales.filter(isScale));

/** What is added after scaling where blocks store that, likewise; 0 where they do not. */
export function medianOffset(scales: readonly ScaleReport[]): number {
  const stored = scales.filter((level) => !isScale(level));
  if (stored.length === 0) return 0;
  return stored[0].what === "minima" ? -product(stored) : product(stored);
}

const hasOffset = (report: Report): boolean => report.scales.some((level) => !isScale(level));

/** Whether codes carry a zero point, so that levels lie differently in every block. */
export const isAffine = (report: Report): boolean =>
  report.metrics.bitsBreakdown.some((part) => part.what.startsWith("zero points"));

/**
 * What a ruler takes off the levels: the marked block's zero point, else the middle code of an affine format; or what an
 * offset comes to in steps.
 */
export function rulerShift(report: Report, zeroPoint: number | null | undefined): number {
  if (hasOffset(report)) return zeroPoint ?? -medianOffset(report.scales) / medianScale(report.scales);
  if (!isAffine(report)) return 0;
  return zeroPoint ?? report.levels?.[report.levels.length >> 1] ?? 0;
}

/** Where a ruler's scale and zero point come from, in words. */
export function rulerNote(report: Report, scale: number | null | undefined): string {
  if (hasOffset(report)) {
    if (scale !== null && scale !== undefined) return "scale and offset of the marked block";
    return "median scale and offset; each block has its own";
  }
  if (isAffine(report)) {
    if (scale !== null && scale !== undefined) return "scale and zero point of the marked block";
    return "median scale; each block's zero point moves it";
  }
  if (report.scales.length === 0) return "no scale";
  if (scale !== null && scale !== undefined) return "scale of the marked block";
  return report.scales.length === 1 ? "median scale" : "product of the levels' median scales";
}
