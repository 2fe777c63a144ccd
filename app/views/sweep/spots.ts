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

/** By which metrics points are drawn. */
export interface Drawn {
  metric: SweepMetric;
  against: SweepMetric;
}

/** Points that have both values, wherever they lie. */
export function allSpots(points: readonly PlotPoint[], { metric, against }: Drawn, axes: Axes): Spot[] {
  return points.flatMap((point) => {
    const [x, y] = [plottedValue(against, point.metrics), plottedValue(metric, point.metrics)];
    return isDrawn(x, against) && isDrawn(y, metric) ? [{ point, x: axes.x(x), y: axes.y(y) }] : [];
  });
}

/** Whether a spot lies inside the axes, or on a lane of points without any error. */
export const inside = ({ x, y }: Pick<Spot, "x" | "y">, { left, right, top, bottom, lanes }: Axes): boolean =>
  (x === lanes.x?.at || (x >= left - 1 && x <= right + 1)) && (y === lanes.y?.at || (y >= top - 1 && y <= bottom + 1));

export const spotsOf = (points: readonly PlotPoint[], drawn: Drawn, axes: Axes): Spot[] =>
  allSpots(points, drawn, axes).filter((spot) => inside(spot, axes));

export interface Line {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/**
 * What a number of bits buys at least: level until the next point of the frontier, then down to it. Where more of what a metric is
 * against is better, the line runs the other way.
 */
export function stairs(spots: readonly Spot[], axes: Axes, leftward = false): Line[] {
  return spots.flatMap(({ x, y }, i): Line[] => {
    const next = spots[i + 1];
    const level = { x0: x, y0: y, x1: next?.x ?? (leftward ? Math.min(x, axes.left) : Math.max(x, axes.right)), y1: y };
    return next ? [level, { x0: next.x, y0: y, x1: next.x, y1: next.y }] : [level];
  });
}
