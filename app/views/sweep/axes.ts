/** Where two metrics lie on the chart, and what stands on its axes. */
import { metricOf } from "../../../kernels/measure/metrics/index.ts";
import type { Tick } from "../../charts/Axes.tsx";
import { formatShortCount, superscript, tickFormat } from "../../charts/numbers.ts";
import { type LinearScale, scaleLinear, scaleLog } from "../../charts/scale.ts";
import type { Range } from "../../charts/types.ts";
import type { Size } from "../../charts/useSize.ts";
import { EXACT } from "../../metrics/metrics.ts";
import { isExact, type PlotPoint, plottedValue } from "./points.ts";
import { logExtent, logTicks, steppedExtent } from "./scales.ts";
import { BITS, isLog, type SweepMetric } from "./state.ts";

/** What is on the screen. */
export interface Extent {
  x: Range;
  y: Range;
}

export const MARGIN = { top: 22, right: 24, bottom: 34, left: 58 };
/** Height of the lane for values that a logarithmic axis has no place for: no error at all. */
const LANE = 18;

/** In as many digits as pixels can tell apart, so that links stay short; in all of them where fewer leave nothing. */
export function shortExtent({ x, y }: Extent): Extent {
  const short = (range: Range): Range => {
    const [lo, hi] = [range.lo, range.hi].map((end) => Number(end.toPrecision(5)));
    return lo < hi ? { lo, hi } : range;
  };
  return { x: short(x), y: short(y) };
}

/** The points whose place is inside an extent; those without any error, which have a lane of their own, by the other axis. */
export function withinExtent(
  points: readonly PlotPoint[],
  extent: Extent | null,
  metric: SweepMetric,
  against: SweepMetric = BITS,
): readonly PlotPoint[] {
  if (!extent) return points;
  const lies = (name: SweepMetric, range: Range, { metrics }: PlotPoint) => {
    const value = plottedValue(name, metrics);
    return value !== null && (isExact(value, name) || (value >= range.lo && value <= range.hi));
  };
  return points.filter((point) => lies(against, extent.x, point) && lies(metric, extent.y, point));
}

/** The stretch of an axis that holds the values. */
export function extentAlong(metric: SweepMetric, values: Iterable<number>): Range | null {
  const { axis } = metricOf(metric);
  return axis === "log" ? logExtent(values) : steppedExtent(values, axis);
}

/** Where points without any error lie: beside the axis, which has no place for them. */
export interface Lane {
  at: number;
  label: string;
}

export interface Axes {
  /** Of values that may be zero or, for SQNR, infinite. */
  x: (value: number) => number;
  y: (value: number) => number;
  /** The values at a place. */
  atX: (px: number) => number;
  atY: (px: number) => number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** With the lanes. */
  frame: { left: number; right: number; top: number; bottom: number };
  lanes: { x: Lane | null; y: Lane | null };
  xTicks: Tick[];
  yTicks: Tick[];
}

/** What has points without any error on each axis. */
export interface Exact {
  x: boolean;
  y: boolean;
}

export function axesOf(
  size: Size,
  extent: Extent,
  metric: SweepMetric,
  exact: Exact,
  against: SweepMetric = BITS,
): Axes {
  const [logX, logY] = [isLog(against), isLog(metric)];
  const frame = { left: MARGIN.left, top: MARGIN.top, right: 0, bottom: 0 };
  const left = frame.left + (exact.x && logX ? LANE : 0);
  const right = Math.max(left + 40, size.width - MARGIN.right - (exact.x && !logX ? LANE : 0));
  const top = frame.top + (exact.y && !logY ? LANE : 0);
  const bottom = Math.max(top + 40, size.height - MARGIN.bottom - (exact.y && logY ? LANE : 0));
  frame.right = right + (exact.x && !logX ? LANE : 0);
  frame.bottom = bottom + (exact.y && logY ? LANE : 0);
  const laneX = logX ? left - LANE + 5 : right + LANE - 5;
  const laneY = logY ? bottom + LANE - 5 : top - LANE + 5;
  const x = (logX ? scaleLog() : scaleLinear()).domain([extent.x.lo, extent.x.hi]).range([left, right]);
  const y = (logY ? scaleLog() : scaleLinear()).domain([extent.y.lo, extent.y.hi]).range([bottom, top]);
  return {
    x: (value) => (isExact(value, against) ? laneX : x(value)),
    y: (value) => (isExact(value, metric) ? laneY : y(value)),
    atX: x.invert,
    atY: y.invert,
    ...{ left, right, top, bottom, frame },
    lanes: {
      x: exact.x ? { at: laneX, label: logX ? "0" : EXACT } : null,
      y: exact.y ? { at: laneY, label: logY ? "0" : EXACT } : null,
    },
    xTicks: logX
      ? logarithmicTicks(extent.x, x, (right - left) / 60)
      : linearTicks(x as LinearScale, (right - left) / 70),
    yTicks: logY
      ? logarithmicTicks(extent.y, y, (bottom - top) / 22)
      : linearTicks(y as LinearScale, (bottom - top) / 45),
  };
}

/** Values below one are powers of ten throughout where one of them is small. Those too near to a stronger one are left out. */
function logarithmicTicks(extent: Range, place: (value: number) => number, most: number): Tick[] {
  const ticks = logTicks(extent);
  const room = Math.max(2, Math.floor(most));
  const strong = ticks.filter((t) => t.strong);
  const every = Math.max(1, Math.ceil(strong.length / room));
  const kept = ticks.length <= room ? ticks : strong.filter((_, i) => i % every === 0);
  const powers = kept.some(({ value }) => value < 0.001 * (1 - 1e-9));
  return kept.map(({ value }) => ({ at: place(value), label: errorLabel(value, powers) }));
}

function errorLabel(value: number, powers: boolean): string {
  if (value >= 1 && value < 1e6) return formatShortCount(value);
  if (!powers && value < 1) return String(Number(value.toPrecision(2)));
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  const mantissa = Math.round(value / 10 ** exponent);
  return `${mantissa === 1 ? "" : `${mantissa}×`}10${superscript(exponent)}`;
}

function linearTicks(scale: LinearScale, most: number): Tick[] {
  const values = scale.ticks(Math.max(2, Math.floor(most)));
  const { format } = tickFormat(values);
  return values.map((value) => ({ at: scale(value), label: format(value) }));
}
