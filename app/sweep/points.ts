/** From what a sweep gave to what is drawn: one point a recipe, of one tensor or of all of them together. */
import { type BackendName, isBroken } from "../../kernels/report.ts";
import { costOf, Frontier, type RecipeParts, shownCostOf } from "../../kernels/sweep/index.ts";
import type { PhaseBand, SweepMetrics, SweepPoint } from "../../workers/protocol.ts";
import type { SweepMetric } from "../state/experiment.ts";
import type { SweepRun } from "../state/sweep.ts";

export interface PlotPoint {
  /** Canonical recipe, by which points are known across runs. */
  text: string;
  parts: RecipeParts;
  bits: number;
  metrics: SweepMetrics;
  phase: PhaseBand | null;
  backend: BackendName | null;
}

/** Which tensor's points are drawn; `null` takes all together, as one tensor. */
export type Scope = number | null;

/**
 * The value that is drawn; null where there is none. No error at all has an infinite SQNR. What has broken results is
 * drawn by the others'.
 */
export function plottedValue(metric: SweepMetric, metrics: SweepMetrics): number | null {
  const cost = shownCostOf(metrics, metric);
  if (cost === null) return null;
  // Rounding may leave a cosine a little above one, or beside it where nothing was lost.
  const value = metric === "sqnrDb" ? -cost : metric === "cosine" && metrics.mse === 0 ? 0 : Math.max(0, cost);
  // Nothing is exact whose results are broken.
  return isBroken(metrics) && isExact(value, metric) ? null : value;
}

/** No error at all, which a logarithmic axis has no place for. */
export const isExact = (value: number | null, metric: SweepMetric): boolean =>
  metric === "sqnrDb" ? value === Number.POSITIVE_INFINITY : value === 0;

/** The Pareto-optimal points in ascending order of bits. */
export function frontierOf(points: readonly PlotPoint[], metric: SweepMetric): PlotPoint[] {
  const frontier = new Frontier<PlotPoint>();
  for (const point of points) frontier.add(point, point.bits, costOf(point.metrics, metric));
  return frontier.items;
}

/** The ends and the mean of a band as they are drawn: least error, mean, most; empty for metrics that have none. */
export function drawnBand({ min, mean, max }: PhaseBand, metric: SweepMetric): number[] {
  if (min <= 0) return [];
  if (metric === "nmse") return [min, mean, max];
  return metric === "sqnrDb" ? [min, mean, max].map((nmse) => -10 * Math.log10(nmse)) : [];
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

/** The points of a run, in the order of its recipes; those that failed, or have not come yet, are not among them. */
export function pointsOf(run: SweepRun, scope: Scope): PlotPoint[] {
  const targets = new Set(targetsShown(run, scope));
  const byRecipe = new Map<number, SweepPoint[]>();
  for (const point of run.points) {
    if (!point.metrics || !targets.has(point.target)) continue;
    const list = byRecipe.get(point.recipe);
    if (list) list.push(point);
    else byRecipe.set(point.recipe, [point]);
  }
  const signals = targets.size > 1 ? signalsOf(run) : [];
  return run.recipes.flatMap(({ text, parts }, recipe): PlotPoint[] => {
    const list = byRecipe.get(recipe) ?? [];
    const [first] = list;
    if (!first?.metrics || list.length < targets.size) return [];
    const alone = targets.size === 1;
    const metrics = alone ? first.metrics : together(run, list, signals);
    const phase = alone ? first.phase : null;
    return [{ text, parts, bits: metrics.bitsPerWeight, metrics, phase, backend: first.backend }];
  });
}

/** How many values a point's figures are taken over. */
const summedOf = (run: SweepRun, { target, metrics }: SweepPoint): number =>
  metrics ? run.tensors[target].elements - metrics.nonFinite - metrics.broken : 0;

/** The sum of squares that a point's own figures tell of; NaN where they do not. */
const signalOf = (run: SweepRun, point: SweepPoint): number =>
  point.metrics?.nmse ? ((point.metrics.mse ?? 0) * summedOf(run, point)) / point.metrics.nmse : Number.NaN;

/** Sum of squares a tensor, from any recipe that has an error on it and nothing broken; NaN where there is none. */
function signalsOf(run: SweepRun): number[] {
  const signals = run.tensors.map(() => Number.NaN);
  for (const point of run.points) {
    if (!point.metrics || isBroken(point.metrics) || !Number.isNaN(signals[point.target])) continue;
    signals[point.target] = signalOf(run, point);
  }
  return signals;
}

/**
 * Figures of several tensors as if they were one: sums of squares, bits and counts added, maxima taken. Of a tensor with
 * broken results the others are added, signal and error alike.
 */
function together(run: SweepRun, list: readonly SweepPoint[], signals: readonly number[]): SweepMetrics {
  let [error, signal, magnitude, finite, elements, bits, shrunk] = [0, 0, 0, 0, 0, 0, 0];
  const sum = { saturated: 0, flushed: 0, dead: 0, nonFinite: 0, broken: 0 };
  let maxAbs = 0;
  for (const point of list) {
    const { metrics: m, target } = point;
    if (!m) continue;
    const n = summedOf(run, point);
    const own = isBroken(m) ? (n > 0 ? signalOf(run, point) : 0) : signals[target];
    finite += n;
    elements += run.tensors[target].elements;
    bits += m.bitsPerWeight * run.tensors[target].elements;
    error += (m.mse ?? 0) * n;
    magnitude += (m.meanAbs ?? 0) * n;
    signal += own;
    shrunk += (m.bias ?? 0) * own;
    maxAbs = Math.max(maxAbs, m.maxAbs ?? 0);
    for (const key of ["saturated", "flushed", "dead", "nonFinite", "broken"] as const) sum[key] += m[key];
  }
  const nmse = finite === 0 ? null : error === 0 ? 0 : Number.isNaN(signal) ? null : error / signal;
  // |y|^2 = |e|^2 - |x|^2 + 2<x,y>, and <x,y> = |x|^2 - shrunk.
  const inner = signal - shrunk;
  const result = error - signal + 2 * inner;
  return {
    ...sum,
    maxAbs: finite > 0 ? maxAbs : null,
    mse: finite > 0 ? error / finite : null,
    nmse,
    sqnrDb: nmse ? -10 * Math.log10(nmse) : null,
    meanAbs: finite > 0 ? magnitude / finite : null,
    cosine: result > 0 && signal > 0 ? Math.min(1, inner / Math.sqrt(signal * result)) : null,
    bias: Number.isNaN(signal) || signal === 0 ? null : shrunk / signal,
    bitsPerWeight: elements > 0 ? bits / elements : 0,
  };
}

/** Points that gave no figures, counted by what was said. */
export interface Failure {
  message: string;
  points: { recipe: string; tensor: string }[];
}

export function failuresOf(run: SweepRun): Failure[] {
  const failures = new Map<string, Failure>();
  for (const { error, text, target } of run.points) {
    if (error === null) continue;
    const failure = failures.get(error) ?? { message: error, points: [] };
    failures.set(error, failure);
    failure.points.push({ recipe: text, tensor: run.tensors[target].name });
  }
  return [...failures.values()];
}
