/** Where a bit count and an error lie on the chart, and what stands on its axes. */
import { metricOf } from "../../../kernels/measure/metrics/index.ts";
import type { Tick } from "../../charts/Axes.tsx";
import { formatShortCount, superscript, tickFormat } from "../../charts/numbers.ts";
import { type LinearScale, scaleLinear, scaleLog } from "../../charts/scale.ts";
import type { Range } from "../../charts/types.ts";
import type { Size } from "../../charts/useSize.ts";
import { isExact, type PlotPoint, plottedValue } from "./points.ts";
import { logExtent, logTicks, steppedExtent } from "./scales.ts";
import { isLog, type SweepMetric } from "./state.ts";

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

/** The points whose place is inside an extent; those without any error, which have a lane of their own, by their bits. */
export function withinExtent(
  points: readonly PlotPoint[],
  extent: Extent | null,
  metric: SweepMetric,
): readonly PlotPoint[] {
  if (!extent) return points;
  const { x, y } = extent;
  return points.filter(({ bits, metrics }) => {
    const value = plottedValue(metric, metrics);
    if (value === null || bits < x.lo || bits > x.hi) return false;
    return isExact(value, metric) || (value >= y.lo && value <= y.hi);
  });
}

/** The stretch of the error axis that holds the values. */
export function errorExtent(metric: SweepMetric, values: Iterable<number>): Range | null {
  const { axis } = metricOf(metric);
  return axis === "log" ? logExtent(values) : steppedExtent(values, axis);
}

export interface Axes {
  x: (bits: number) => number;
  /** Of a value that may be zero or, for SQNR, infinite. */
  y: (value: number) => number;
  bits: (px: number) => number;
  error: (px: number) => number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Where points without any error lie; null where there are none. */
  lane: { y: number; label: string } | null;
  xTicks: Tick[];
  yTicks: Tick[];
}

export function axesOf(size: Size, extent: Extent, metric: SweepMetric, exact: boolean): Axes {
  const log = isLog(metric);
  const [left, right] = [MARGIN.left, Math.max(MARGIN.left + 40, size.width - MARGIN.right)];
  const top = MARGIN.top + (exact && !log ? LANE : 0);
  const bottom = Math.max(top + 40, size.height - MARGIN.bottom - (exact && log ? LANE : 0));
  const x = scaleLinear().domain([extent.x.lo, extent.x.hi]).range([left, right]);
  const y = (log ? scaleLog() : scaleLinear()).domain([extent.y.lo, extent.y.hi]).range([bottom, top]);
  const laneY = log ? bottom + LANE - 5 : top - LANE + 5;
  const place = (value: number) => ((log && value <= 0) || value === Number.POSITIVE_INFINITY ? laneY : y(value));
  const xs = x.ticks(Math.max(2, Math.floor((right - left) / 70)));
  const { format } = tickFormat(xs);
  return {
    x,
    y: place,
    bits: x.invert,
    error: y.invert,
    left,
    right,
    top,
    bottom,
    lane: exact ? { y: laneY, label: log ? "0" : "exact" } : null,
    xTicks: xs.map((value) => ({ at: x(value), label: format(value) })),
    yTicks: log ? errorTicks(extent.y, y, bottom - top) : linearTicks(y as LinearScale, bottom - top),
  };
}

/** Values below one are powers of ten throughout where one of them is small. Those too near to a stronger one are left out. */
function errorTicks(extent: Range, y: (value: number) => number, height: number): Tick[] {
  const ticks = logTicks(extent);
  const room = Math.max(2, Math.floor(height / 22));
  const strong = ticks.filter((t) => t.strong);
  const every = Math.max(1, Math.ceil(strong.length / room));
  const kept = ticks.length <= room ? ticks : strong.filter((_, i) => i % every === 0);
  const powers = kept.some(({ value }) => value < 0.001 * (1 - 1e-9));
  return kept.map(({ value }) => ({ at: y(value), label: errorLabel(value, powers) }));
}

function errorLabel(value: number, powers: boolean): string {
  if (value >= 1 && value < 1e6) return formatShortCount(value);
  if (!powers && value < 1) return String(Number(value.toPrecision(2)));
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  const mantissa = Math.round(value / 10 ** exponent);
  return `${mantissa === 1 ? "" : `${mantissa}×`}10${superscript(exponent)}`;
}

function linearTicks(y: LinearScale, height: number): Tick[] {
  const values = y.ticks(Math.max(2, Math.floor(height / 45)));
  const { format } = tickFormat(values);
  return values.map((value) => ({ at: y(value), label: format(value) }));
}
