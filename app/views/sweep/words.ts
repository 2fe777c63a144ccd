/** What a sweep's picture says in words. */
import { metricOf } from "../../../kernels/measure/metrics/index.ts";
import { isBroken } from "../../../kernels/measure/metrics/reading.ts";
import type { Coverage } from "../../../kernels/sweep/index.ts";
import { SMALL } from "../../../workers/tensors/small.ts";
import { formatShortCount } from "../../charts/numbers.ts";
import { formatMetric } from "../../metrics/metrics.ts";
import { metricLabel } from "./columns.ts";
import { isPart, type PlotPoint, plottedValue, type Scope, targetsShown } from "./points.ts";
import { isDrawn } from "./spots.ts";
import { BITS, type SweepMetric, sweepMetrics } from "./state.ts";
import type { SweepRun } from "./store.ts";

const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** Which tensors the points are of. */
export function tensorWords(run: SweepRun, scope: Scope): string {
  const shown = targetsShown(run, scope);
  const [only] = shown.length === 1 ? [run.tensors[shown[0]]] : [];
  if (only) return `${only.name}  ${only.shape.join(" × ")}`;
  const values = `${formatShortCount(shown.reduce((sum, i) => sum + run.tensors[i].elements, 0))} values`;
  return shown.length === run.tensors.length
    ? `${shown.length} tensors as one, ${values}`
    : `${shown.length} of ${run.tensors.length} tensors as one, ${values}, so far`;
}

/** Over which tensors a point's figures are, in a few words. */
export function coverageWords({ tensors, of, values, without }: Coverage): string {
  const over = tensors < of ? `over ${tensors} of ${of} tensors only` : `over ${counted(tensors, "tensor")}`;
  const less = without.length > 0 ? `, ${without.length} of them without a step that does not fit` : "";
  return `${over}, ${formatShortCount(values)} values${less}`;
}

/** What beside the figures of several tensors must be known to compare them. */
function coverageRemarks(run: SweepRun, points: readonly PlotPoint[]): string[] {
  const remarks: string[] = [];
  if (run.small.length > 0) {
    remarks.push(`Left out: ${run.small.length.toLocaleString("en")} (${SMALL}).`);
  }
  const parts = points.filter(isPart);
  if (parts.length > 0) {
    remarks.push(
      `${counted(parts.length, "recipe is", "recipes are")} over fewer tensors than others, since ${parts.length === 1 ? "it does" : "they do"} not fit all: drawn hollow and on no frontier.`,
    );
  }
  const less = points.filter(({ coverage }) => coverage !== null && coverage.without.length > 0);
  if (less.length > 0) {
    remarks.push(
      `${counted(less.length, "recipe")} ran without a step on tensors that it does not fit: how many stands in the table.`,
    );
  }
  return remarks;
}

/** The picture for whoever does not see it. */
export function inWords(
  points: readonly PlotPoint[],
  frontier: readonly PlotPoint[],
  metric: SweepMetric,
  against: SweepMetric = BITS,
): string {
  const [first, last] = [frontier[0], frontier.at(-1)];
  const whole = `${counted(points.length, "recipe")} by ${metricLabel(metric)} and ${metricLabel(against)}.`;
  const at = ({ metrics, bits }: PlotPoint) =>
    against === BITS
      ? `${bits.toFixed(2)} bits`
      : `${metricLabel(against)} ${formatMetric(metricOf(against), plottedValue(against, metrics))}`;
  if (!first || !last) return points.length === 0 ? "No points yet." : `${whole} ${noValue(metric, points)}.`;
  if (first === last) return `${whole} On the frontier is ${first.text} at ${at(first)}.`;
  return `${whole} ${frontier.length} are on the frontier, from ${first.text} at ${at(first)} to ${last.text} at ${at(last)}.`;
}

/** Of two metrics the one that no point has a value of, or the first. */
export const withoutValue = (points: readonly PlotPoint[], names: readonly [SweepMetric, SweepMetric]): SweepMetric =>
  names.find((name) => points.every((point) => plottedValue(name, point.metrics) === null)) ?? names[0];

/** Why no point has a value, and which metrics have one. */
export function noValue(metric: SweepMetric, points: readonly PlotPoint[]): string {
  const others = sweepMetrics.filter((name) => points.some((point) => plottedValue(name, point.metrics) !== null));
  const some = others.slice(0, 3).map(metricLabel);
  const instead =
    some.length > 0 ? `; ${new Intl.ListFormat("en").format(some)} ${some.length === 1 ? "has" : "have"} one` : "";
  const { none } = metricOf(metric);
  return `${metricLabel(metric)} has no value here${none ? `, since ${none}` : ""}${instead}`;
}

/** What should be known about the points that are shown. */
export function remarksOn(
  run: SweepRun,
  scope: Scope,
  points: readonly PlotPoint[],
  metric: SweepMetric = "nmse",
  against: SweepMetric = BITS,
): string[] {
  const remarks = run.notes.map((note) => `${note[0].toUpperCase()}${note.slice(1)}${/[.!?]$/.test(note) ? "" : "."}`);
  const nonFinite = points[0]?.metrics.nonFinite ?? 0;
  if (nonFinite > 0) remarks.push(`${counted(nonFinite, "value is", "values are")} NaN or Inf and left out.`);
  const broken = points.filter(({ metrics }) => isBroken(metrics));
  if (broken.length > 0) {
    const [{ text, metrics }] = broken;
    const those = broken.length === 1 ? text : `${counted(broken.length, "recipe")}, as ${text},`;
    remarks.push(
      `${those} ${broken.length === 1 ? "has" : "have"} broken results: NaN or Inf where values were finite (${metrics.broken.toLocaleString("en")}). The figures leave these out, so ${broken.length === 1 ? "it is" : "they are"} drawn hollow and on no frontier.`,
    );
  }
  remarks.push(...coverageRemarks(run, points));
  for (const name of [metric, against]) {
    const undrawn = points.filter((point) => !isDrawn(plottedValue(name, point.metrics), name)).length;
    if (undrawn === 0 || undrawn === points.length) continue;
    remarks.push(
      `${counted(undrawn, "recipe has", "recipes have")} no finite ${metricLabel(name)} and ${undrawn === 1 ? "is" : "are"} not drawn.`,
    );
  }
  const missing = run.recipes.length - points.length;
  if (run.complete && run.tensors.length > 1 && scope === null && missing > 0) {
    remarks.push(`${counted(missing, "recipe fits", "recipes fit")} none of the tensors.`);
  }
  return remarks;
}
