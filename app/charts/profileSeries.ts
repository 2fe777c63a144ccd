/** The error profiles of A and B as ordered series, and the way from a position to an index and back. */
import type { Report } from "../../kernels/measure/report.ts";
import { blockOf, firstOfBlock, type ProfileMeasure, profileOf, profileValues } from "./blocks.ts";
import { descending } from "./decimate.ts";
import type { Highlight, Pair, ProfileAxis, Side } from "./types.ts";

export type ProfileOrder = "index" | "size";

export interface Series {
  side: Side;
  report: Report;
  /** Rows, columns or blocks that one value stands for. */
  step: number;
  /** In the order drawn. */
  values: Float64Array;
  /** Index at each position; `null` where position is index. */
  order: Uint32Array | null;
  /** Position of each index; `null` likewise. */
  rank: Uint32Array | null;
}

/**
 * Series of the recipes that are there. Ordered by size, B follows A's order where both have as many indices, so that
 * one position is one row, column or block for both.
 */
export function profileSeries(
  reports: Pair<Report>,
  axis: ProfileAxis,
  measure: ProfileMeasure,
  by: ProfileOrder,
): Series[] {
  const series: Series[] = [];
  for (const side of ["a", "b"] as const) {
    const report = reports[side];
    const values = report && profileValues(report, axis, measure);
    if (!report || !values) continue;
    const step = profileOf(report, axis)?.step ?? 1;
    if (by === "index") {
      series.push({ side, report, step, values, order: null, rank: null });
      continue;
    }
    const lead = series[0];
    const order = lead?.order?.length === values.length ? lead.order : descending(values);
    const rank = new Uint32Array(order.length);
    order.forEach((index, position) => {
      rank[index] = position;
    });
    series.push({ side, report, step, values: Float64Array.from(order, (i) => values[i]), order, rank });
  }
  return series;
}

/** Index into a series of the value that the marked element's row, column or block belongs to. */
export function indexOf(series: Series, axis: ProfileAxis, h: Highlight): number | null {
  const index = axis === "block" ? blockOf(series.report.grid, h.row, h.col) : axis === "row" ? h.row : h.col;
  return index === null ? null : Math.floor(index / series.step);
}

/** An element of a row, column or block; keeps the other coordinate of the last mark where it can. */
export function elementOf(
  series: Series,
  axis: ProfileAxis,
  index: number,
  h: Highlight | null,
): { row: number; col: number } {
  const first = index * series.step;
  if (axis === "row") return { row: first, col: h?.col ?? 0 };
  if (axis === "col") return { row: h?.row ?? 0, col: first };
  if (h && indexOf(series, axis, h) === index) return { row: h.row, col: h.col };
  return firstOfBlock(series.report.grid, first);
}

/** The position of the largest finite value among those that share a pixel, so that pointing at a peak finds it. */
export function peakBetween(values: Float64Array, from: number, to: number): number {
  let peak = from;
  for (let i = from + 1; i < to; i++) {
    if (Number.isFinite(values[i]) && !(values[peak] >= values[i] && Number.isFinite(values[peak]))) peak = i;
  }
  return peak;
}

/**
 * Range of an error axis: from zero, or logarithmic where the values span more than two decades. A few near zero, such
 * as those of dead rows, do not count for that.
 */
export function errorDomain(series: readonly Series[]): { lo: number; hi: number; log: boolean } {
  const values = Float64Array.from(series.flatMap((s) => Array.from(s.values).filter((v) => v > 0 && v !== Infinity)));
  if (values.length === 0) return { lo: 0, hi: 1, log: false };
  values.sort();
  const hi = values[values.length - 1];
  const low = values[Math.floor(values.length * 0.05)];
  return low < hi / 100 ? { lo: Math.max(low / 10, values[0], hi * 1e-6), hi, log: true } : { lo: 0, hi, log: false };
}
