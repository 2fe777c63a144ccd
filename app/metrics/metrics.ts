/** The figures of a report, in the order they are read. One list for the table on the page and the files. */
import { isBroken } from "../../kernels/measure/metrics/reading.ts";
import type { Metrics } from "../../kernels/measure/report.ts";

export interface MetricSpec {
  key: Exclude<keyof Metrics, "bitsBreakdown" | "outputNmse">;
  label: string;
  unit: string;
  /** Which of two values is the better one; null where neither is as such. */
  better: "higher" | "lower" | "near zero" | null;
  kind: "decibel" | "figure" | "count" | "bits" | "cosine";
}

export const metricSpecs: readonly MetricSpec[] = [
  {
    key: "sqnrDb",
    label: "SQNR",
    unit: "dB",
    better: "higher",
    kind: "decibel",
  },
  {
    key: "bitsPerWeight",
    label: "Bits/weight",
    unit: "b",
    better: "lower",
    kind: "bits",
  },
  {
    key: "nmse",
    label: "NMSE",
    unit: "",
    better: "lower",
    kind: "figure",
  },
  { key: "mse", label: "MSE", unit: "", better: "lower", kind: "figure" },
  {
    key: "maxAbs",
    label: "Max |e|",
    unit: "",
    better: "lower",
    kind: "figure",
  },
  {
    key: "meanAbs",
    label: "Mean |e|",
    unit: "",
    better: "lower",
    kind: "figure",
  },
  {
    key: "cosine",
    label: "1 - cosine",
    unit: "",
    better: "lower",
    kind: "cosine",
  },
  {
    key: "bias",
    label: "Bias",
    unit: "",
    better: "near zero",
    kind: "figure",
  },
  {
    key: "saturated",
    label: "Saturated",
    unit: "",
    better: "lower",
    kind: "count",
  },
  {
    key: "flushed",
    label: "Flushed",
    unit: "",
    better: "lower",
    kind: "count",
  },
  {
    key: "dead",
    label: "Dead",
    unit: "",
    better: "lower",
    kind: "count",
  },
  {
    key: "nonFinite",
    label: "NaN, Inf",
    unit: "",
    better: null,
    kind: "count",
  },
  {
    key: "broken",
    label: "Broken",
    unit: "",
    better: "lower",
    kind: "count",
  },
  {
    key: "codeEntropy",
    label: "Entropy",
    unit: "b",
    better: null,
    kind: "bits",
  },
];

/** The value as the table shows it; null where there is none. */
export function metricValue(spec: MetricSpec, metrics: Metrics): number | null {
  const value = metrics[spec.key];
  if (spec.kind !== "cosine" || value === null) return value;
  // Rounding may leave a cosine a little beside one where nothing was lost, or above it.
  return metrics.mse === 0 ? 0 : Math.max(0, 1 - value);
}

/** The value as text. No error at all, nor broken results, has no SQNR, and that has a name. */
export const metricText = (spec: MetricSpec, metrics: Metrics): string =>
  spec.key === "sqnrDb" && metrics.sqnrDb === null && metrics.mse === 0 && !isBroken(metrics)
    ? "exact"
    : formatMetric(spec, metricValue(spec, metrics));

/** A minus sign as wide as a plus, and no negative zero. */
const signed = (text: string): string => text.replaceAll("-", "−");

export function formatMetric(spec: MetricSpec, value: number | null): string {
  if (value === null) return "–";
  if (!Number.isFinite(value)) return String(value);
  switch (spec.kind) {
    case "decibel":
      return signed(value.toFixed(2));
    case "bits":
      return signed(value.toFixed(3));
    case "count":
      return signed(value.toLocaleString("en"));
    default:
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
  const short = spec.kind === "figure" || spec.kind === "cosine";
  const text = short ? signed(formatFigure(difference, 3)) : formatMetric(spec, difference);
  // What rounds to nothing has no sign.
  if (/^−?0(\.0*)?$/.test(text)) return text.replace("−", "");
  return difference > 0 ? `+${text}` : text;
}

/** What can be told apart even where results are broken: it is not taken over them. */
const WHOLE: readonly MetricSpec["key"][] = ["bitsPerWeight", "broken"];

/**
 * "a" or "b" for the better one; null where they are equal, incomparable or absent. A figure of no error (null SQNR) is
 * the best; a side with broken results is never better, and none of its errors is one to be better than.
 */
export function betterSide(spec: MetricSpec, a: Metrics, b: Metrics): "a" | "b" | null {
  const side = areComparable(spec, a, b) ? sideOf(spec, a, b) : null;
  return side === null || isBroken(side === "a" ? a : b) ? null : side;
}

/** Whether both figures are taken over the same values. */
export const areComparable = (spec: MetricSpec, a: Metrics, b: Metrics): boolean =>
  WHOLE.includes(spec.key) || !(isBroken(a) || isBroken(b));

function sideOf(spec: MetricSpec, a: Metrics, b: Metrics): "a" | "b" | null {
  const score = (m: Metrics): number | null => {
    const value = metricValue(spec, m);
    if (spec.key === "sqnrDb" && value === null) return m.mse === 0 ? Number.POSITIVE_INFINITY : null;
    if (value === null || Number.isNaN(value)) return null;
    if (spec.better === "near zero") return -Math.abs(value);
    return spec.better === "lower" ? -value : value;
  };
  const [x, y] = [score(a), score(b)];
  if (spec.better === null || x === null || y === null || x === y) return null;
  // What looks equal in the table is not worth a tick.
  if (formatMetric(spec, metricValue(spec, a)) === formatMetric(spec, metricValue(spec, b))) return null;
  return x > y ? "a" : "b";
}
