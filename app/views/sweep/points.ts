/** From what a sweep gave to what is drawn: one point a recipe, of one tensor or of all of them together. */

import { metricOf, type SweepMetrics } from "../../../kernels/measure/metrics/index.ts";
import { drawnOf, isExact as isExactOf } from "../../../kernels/measure/metrics/reading.ts";
import type { BackendName } from "../../../kernels/report/report.ts";
import {
  type Coverage,
  costsOf,
  coverable,
  coverageOf,
  Frontier,
  figureNames,
  isWhole,
  type RecipeParts,
  together,
} from "../../../kernels/sweep/index.ts";
import type { PhaseBand } from "../../../kernels/sweep/phase.ts";
import type { SweepPoint } from "../../../workers/jobs/sweep/request.ts";
import { BITS, type SweepMetric, sweepMetrics } from "./state.ts";
import type { SweepRun } from "./store.ts";

export interface PlotPoint {
  /** Canonical recipe, by which points are known across runs. */
  text: string;
  parts: RecipeParts;
  bits: number;
  metrics: SweepMetrics;
  phase: PhaseBand | null;
  backend: BackendName | null;
  /** Which of several tensors the figures are taken over; null where there is one tensor. */
  coverage: Coverage | null;
}

/** Which tensor's points are drawn; `null` takes all together, as one tensor. */
export type Scope = number | null;

/**
 * The value that is drawn; null where there is none. No error at all has an infinite SQNR. What has broken results is
 * drawn by the others'.
 */
export function plottedValue(metric: SweepMetric, metrics: SweepMetrics): number | null {
  return drawnOf(metricOf(metric), metrics);
}

/** The metrics that points can be drawn by: those of a calibration where some have them. */
export function metricsFor(points: readonly PlotPoint[]): readonly SweepMetric[] {
  const names: readonly string[] = figureNames(points.map(({ metrics }) => metrics));
  return sweepMetrics.filter((name) => names.includes(name));
}

/** No error at all, which a logarithmic axis has no place for. */
export const isExact = (value: number | null, metric: SweepMetric): boolean => isExactOf(metricOf(metric), value);

/** Whether a point's figures are over fewer values than others': then they are not to be held against theirs. */
export const isPart = ({ coverage }: Pick<PlotPoint, "coverage">): boolean => coverage !== null && !isWhole(coverage);

/** The Pareto-optimal points among those over the same values, the best by what the metric is against first: the fewest bits. */
export function frontierOf(
  points: readonly PlotPoint[],
  metric: SweepMetric,
  against: SweepMetric = BITS,
): PlotPoint[] {
  const frontier = new Frontier<PlotPoint>();
  for (const point of points) if (!isPart(point)) frontier.add(point, ...costsOf({ metric, against }, point.metrics));
  return frontier.items;
}

/** The ends and the mean of a band as they are drawn: least error, mean, most; empty for metrics that have none. */
export function drawnBand({ min, mean, max }: PhaseBand, metric: SweepMetric): number[] {
  const { ofRatio } = metricOf(metric);
  if (min <= 0 || !ofRatio) return [];
  return [min, mean, max].map((nmse) => ofRatio(nmse) ?? Number.NaN);
}

/**
 * The tensors whose points make the picture: one, or all of them together. While a sweep is under way those that are
 * done, and the first one as it comes, so that points move only when a tensor is added.
 */
export function targetsShown(run: SweepRun, scope: Scope): number[] {
  if (run.tensors.length === 1) return [0];
  if (scope !== null) return [scope];
  const counts = run.tensors.map(() => 0);
  for (const point of run.points) counts[point.target]++;
  const done = [...counts.keys()].filter((target) => counts[target] === run.recipes.length);
  return done.length > 0 ? done : [0];
}

/**
 * The points of a run, in the order of its recipes; those that failed, or have not come yet, are not among them. Of several
 * tensors each recipe's are taken over those that gave figures, and it says which these are.
 */
export function pointsOf(run: SweepRun, scope: Scope): PlotPoint[] {
  const shown = new Set(targetsShown(run, scope));
  const seen = run.points.filter(({ target }) => shown.has(target));
  const places = shown.size === 1 ? [...shown] : coverable(seen, [...shown]);
  const targets = new Set(places);
  const byRecipe = new Map<number, SweepPoint[]>();
  for (const point of seen) {
    if (!targets.has(point.target)) continue;
    const list = byRecipe.get(point.recipe);
    if (list) list.push(point);
    else byRecipe.set(point.recipe, [point]);
  }
  const elements = (target: number) => run.tensors[target].elements;
  return run.recipes.flatMap(({ text, parts }, recipe): PlotPoint[] => {
    const all = byRecipe.get(recipe) ?? [];
    const whole = coverageOf(all, places, elements);
    if (!whole) return [];
    const list = all.filter((point) => point.metrics);
    const [first] = list;
    const alone = shown.size === 1;
    const metrics = alone ? first.metrics! : together(list);
    const phase = alone ? first.phase : null;
    const coverage = alone ? null : whole;
    return [{ text, parts, bits: metrics.bitsPerWeight, metrics, phase, backend: first.backend, coverage }];
  });
}

/** Points that gave no figures, or those of another recipe, counted by what was said. */
export interface Failure {
  message: string;
  /** Whether there are figures of what is left of the recipes without the steps that do not fit. */
  instead: boolean;
  points: { recipe: string; tensor: string }[];
}

export function failuresOf(run: SweepRun): Failure[] {
  const failures = new Map<string, Failure>();
  for (const { error, instead, text, target } of run.points) {
    const message = error ?? instead?.reason;
    if (message === undefined) continue;
    const key = `${error === null} ${message}`;
    const failure = failures.get(key) ?? { message, instead: error === null, points: [] };
    failures.set(key, failure);
    failure.points.push({ recipe: text, tensor: run.tensors[target].name });
  }
  return [...failures.values()];
}
