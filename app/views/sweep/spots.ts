/** Where points lie on the chart. */

import type { Axes } from "./axes.ts";
import { isExact, type PlotPoint, plottedValue } from "./points.ts";
import type { SweepMetric } from "./state.ts";

export interface Spot {
  point: PlotPoint;
  x: number;
  y: number;
}

/** Whether a value has a place: finite ones have, and no error at all, which has a lane of its own. */
export const isDrawn = (value: number | null, metric: SweepMetric): value is number =>
  value !== null && (Number.isFinite(value) || isExact(value, metric));

/** Points that have a value, wherever they lie. */
export function allSpots(points: readonly PlotPoint[], metric: SweepMetric, axes: Axes): Spot[] {
  return points.flatMap((point) => {
    const value = plottedValue(metric, point.metrics);
    return isDrawn(value, metric) ? [{ point, x: axes.x(point.bits), y: axes.y(value) }] : [];
  });
}

/** Whether a spot lies inside the axes, or on the lane of points without any error. */
export function inside({ x, y }: Pick<Spot, "x" | "y">, axes: Axes): boolean {
  if (x < axes.left - 1 || x > axes.right + 1) return false;
  return (axes.lane !== null && y === axes.lane.y) || (y >= axes.top - 1 && y <= axes.bottom + 1);
}

export const spotsOf = (points: readonly PlotPoint[], metric: SweepMetric, axes: Axes): Spot[] =>
  allSpots(points, metric, axes).filter((spot) => inside(spot, axes));

export interface Line {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** What a number of bits buys at least: level until the next point of the frontier, then down to it. */
export function stairs(spots: readonly Spot[], axes: Axes): Line[] {
  return spots.flatMap(({ x, y }, i): Line[] => {
    const next = spots[i + 1];
    const level = { x0: x, y0: y, x1: next?.x ?? Math.max(x, axes.right), y1: y };
    return next ? [level, { x0: next.x, y0: y, x1: next.x, y1: next.y }] : [level];
  });
}
