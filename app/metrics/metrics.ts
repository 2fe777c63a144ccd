/** How the page writes the figures of a report, and which of two is the better one; what they are stands in the list of metrics. */
import { metrics as listed, metricNames, metricOf, type NamedMetric } from "../../kernels/measure/metrics/index.ts";
import type { AnyFigures } from "../../kernels/measure/metrics/metric.ts";
import {
  areComparable,
  inReadingOrder,
  isBroken,
  isExact,
  type ReadFigures,
  shownCostOf,
  shownOf,
} from "../../kernels/measure/metrics/reading.ts";

export type MetricSpec = NamedMetric;

/** In the order they are read: those that come first, then the others. One order for the table on the page and the files. */
export const metricSpecs: readonly MetricSpec[] = [
  ...listed.filter(({ headline }) => headline),
  ...inReadingOrder(metricNames.filter((name) => !metricOf(name).headline)).map(metricOf),
];

/** Those that some of the reports have: figures of a calibration are absent without one. */
export const specsOf = (figures: readonly AnyFigures[]): readonly MetricSpec[] =>
  metricSpecs.filter(({ name, needs }) => !needs.includes("calibration") || figures.some((one) => name in one));

/** The value as the table shows it; null where there is none, or where it is no number: see `metricText`. */
export function metricValue(spec: MetricSpec, figures: AnyFigures): number | null {
  const shown = shownOf(spec, figures);
  return isEndless(spec, shown) ? null : shown;
}

/** Whether it is the value of no error on a scale that has no end. */
const isEndless = (spec: MetricSpec, shown: number | null): boolean =>
  shown !== null && !Number.isFinite(shown) && isExact(spec, shown);

/** The value as text. No error at all, nor broken results, has no SQNR, and that has a name. */
export function metricText(spec: MetricSpec, figures: ReadFigures): string {
  const shown = shownOf(spec, figures);
  if (isEndless(spec, shown)) return isBroken(figures) ? NONE : EXACT;
  return formatMetric(spec, shown);
}

const NONE = "–";
/** What has no error at all where that has no number. */
export const EXACT = "exact";

/** A minus sign as wide as a plus, and no negative zero. */
const signed = (text: string): string => text.replaceAll("-", "−");

export function formatMetric(spec: MetricSpec, value: number | null): string {
  if (value === null) return NONE;
  if (!Number.isFinite(value)) return String(value);
  switch (spec.print) {
    case "decibels":
      return signed(value.toFixed(2));
    case "bits":
      return signed(value.toFixed(3));
    case "count":
      return signed(value.toLocaleString("en"));
    case "figure":
      return signed(formatFigure(value));
  }
}

function formatFigure(value: number, digits = 4): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  return size >= 0.01 && size < 1e4 ? value.toPrecision(digits) : value.toExponential(digits - 1);
}

export function formatDifference(spec: MetricSpec, difference: number): string {
  if (difference === 0) return "0";
  const text = spec.print === "figure" ? signed(formatFigure(difference, 3)) : formatMetric(spec, difference);
  // What rounds to nothing has no sign.
  if (/^−?0(\.0*)?$/.test(text)) return text.replace("−", "");
  return difference > 0 ? `+${text}` : text;
}

/**
 * "a" or "b" for the better one; null where they are equal, incomparable or absent. A figure of no error (null SQNR) is
 * the best; a side with broken results is never better, and none of its errors is one to be better than.
 */
export function betterSide(spec: MetricSpec, a: ReadFigures, b: ReadFigures): "a" | "b" | null {
  const side = areComparable(spec, a, b) ? sideOf(spec, a, b) : null;
  return side === null || isBroken(side === "a" ? a : b) ? null : side;
}

function sideOf(spec: MetricSpec, a: ReadFigures, b: ReadFigures): "a" | "b" | null {
  const [x, y] = [shownCostOf(spec, a), shownCostOf(spec, b)];
  if (x === null || y === null || x === y) return null;
  // What looks equal in the table is not worth a tick.
  if (formatMetric(spec, metricValue(spec, a)) === formatMetric(spec, metricValue(spec, b))) return null;
  return x < y ? "a" : "b";
}
