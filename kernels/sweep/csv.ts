import { metricOf, type SweepMetrics, sweepMetricNames } from "../measure/metrics/index.ts";
import type { Metric } from "../measure/metrics/metric.ts";
import { printable } from "../text/printable.ts";
import type { PhaseBand } from "./phase.ts";

/** Whether a metric tells what a result takes, and not what it lost. */
const isSize = ({ needs }: Metric) => needs.includes("bits");

/** Whether it is absent where there is no calibration. */
const isOptional = ({ needs }: Metric) => needs.includes("calibration");

/** The metrics of a sweep in the order in which its files have them: bits first. */
export const SWEEP_METRICS: readonly (keyof SweepMetrics)[] = [
  ...sweepMetricNames.filter((name) => isSize(metricOf(name))),
  ...sweepMetricNames.filter((name) => !isSize(metricOf(name))),
];

/** Those of them that some points have: the figures of a calibration have columns where there was one. */
export const figureNames = (list: readonly SweepMetrics[]): readonly (keyof SweepMetrics)[] =>
  SWEEP_METRICS.filter((name) => !isOptional(metricOf(name)) || list.some((figures) => figures[name] !== undefined));

export interface CsvRow {
  /** For sweeps over several tensors. */
  tensor?: string;
  text: string;
  metrics: SweepMetrics | null;
  phase: PhaseBand | null;
  /** Whether the point lies on the frontier. */
  frontier: boolean;
  error: string | null;
  /** Of sweeps over several tensors: the recipe that ran where a step of this one does not fit. */
  instead?: string | null;
  /** Of so many tensors that there could be, these are in the figures, with so many values. */
  tensors?: number;
  of?: number;
  values?: number;
}

/** A field in quotes where it holds what separates fields (RFC 4180): recipes are full of commas. A row is always one line. */
function field(text: string): string {
  const shown = printable(text);
  return /[",]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? "" : String(value);

/**
 * Points as CSV with a header line: recipe, bitsPerWeight, the other metrics, band over the phase, whether the point is
 * on the frontier, what went wrong. Figures are full doubles; what does not exist is empty. A column for the tensor
 * comes first where rows have one; the figures of a calibration have columns where there was one.
 */
export function sweepCsv(rows: readonly CsvRow[]): string {
  const named = rows.some((row) => row.tensor !== undefined);
  const names = figureNames(rows.flatMap(({ metrics }) => metrics ?? []));
  const head = [
    ...(named ? ["tensor"] : []),
    ...["recipe", ...names, "phaseMin", "phaseMean", "phaseMax", "frontier", "error"],
    ...(named ? ["instead", "tensors", "ofTensors", "values"] : []),
  ];
  const lines = rows.map(({ tensor, text, metrics, phase, frontier, error, instead, tensors, of, values }) => [
    ...(named ? [field(tensor ?? "")] : []),
    field(text),
    ...names.map((name) => number(metrics?.[name])),
    ...[phase?.min, phase?.mean, phase?.max].map(number),
    frontier ? "1" : "0",
    field(error ?? ""),
    ...(named ? [field(instead ?? ""), ...[tensors, of, values].map(number)] : []),
  ]);
  return [head, ...lines].map((line) => `${line.join()}\n`).join("");
}
