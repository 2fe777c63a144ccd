/** Figures of several tensors as if they were one. */

import type { SweepMetrics } from "../measure/metrics/index.ts";
import { isBroken } from "../measure/metrics/reading.ts";

/** What a recipe gave on one tensor. */
export interface TensorFigures {
  target: number;
  metrics: SweepMetrics | null;
}

/** How many values a tensor has. */
export type Elements = (target: number) => number;

/** How many values a point's figures are taken over. */
const summedOf = ({ target, metrics }: TensorFigures, elements: Elements): number =>
  metrics ? elements(target) - metrics.nonFinite - metrics.broken : 0;

/** The sum of squares that a point's own figures tell of; NaN where they do not. Only a sum of zero leaves no ratio to it. */
function signalOf(point: TensorFigures, elements: Elements): number {
  const { metrics } = point;
  if (!metrics || metrics.nmse === 0) return Number.NaN;
  return metrics.nmse === null ? 0 : ((metrics.mse ?? 0) * summedOf(point, elements)) / metrics.nmse;
}

/** Sum of squares a tensor, from any recipe that has an error on it and nothing broken; a tensor without such is not there. */
export function signalsOf(points: Iterable<TensorFigures>, elements: Elements): Map<number, number> {
  const signals = new Map<number, number>();
  for (const point of points) {
    if (!point.metrics || isBroken(point.metrics) || signals.has(point.target)) continue;
    const signal = signalOf(point, elements);
    if (!Number.isNaN(signal)) signals.set(point.target, signal);
  }
  return signals;
}

/**
 * Figures of one recipe on several tensors as if they were one: sums of squares, bits and counts added, maxima taken. Of a
 * tensor with broken results the others are added, signal and error alike.
 *
 * @param signals as `signalsOf` finds them
 */
export function together(
  list: readonly TensorFigures[],
  elements: Elements,
  signals: ReadonlyMap<number, number>,
): SweepMetrics {
  let [error, signal, magnitude, finite, values, bits, shrunk] = [0, 0, 0, 0, 0, 0, 0];
  const sum = { dead: 0, nonFinite: 0, broken: 0 };
  const ofCodes: Record<"saturated" | "flushed", number | null> = { saturated: 0, flushed: 0 };
  let maxAbs = 0;
  for (const point of list) {
    const { metrics: m, target } = point;
    if (!m) continue;
    const n = summedOf(point, elements);
    const own = isBroken(m) ? (n > 0 ? signalOf(point, elements) : 0) : (signals.get(target) ?? Number.NaN);
    finite += n;
    values += elements(target);
    bits += m.bitsPerWeight * elements(target);
    error += (m.mse ?? 0) * n;
    magnitude += (m.meanAbs ?? 0) * n;
    signal += own;
    shrunk += (m.bias ?? 0) * own;
    maxAbs = Math.max(maxAbs, m.maxAbs ?? 0);
    for (const key of ["dead", "nonFinite", "broken"] as const) sum[key] += m[key];
    // Where one tensor's codes have no range or zero of their own, there is no count of all.
    for (const key of ["saturated", "flushed"] as const) ofCodes[key] = plus(ofCodes[key], m[key]);
  }
  const known = !Number.isNaN(signal) && (signal > 0 || error === 0);
  const nmse = finite === 0 || signal === 0 ? null : error === 0 ? 0 : known ? error / signal : null;
  // |y|^2 = |e|^2 - |x|^2 + 2<x,y>, and <x,y> = |x|^2 - shrunk.
  const inner = signal - shrunk;
  const result = error - signal + 2 * inner;
  return {
    ...sum,
    ...ofCodes,
    maxAbs: finite > 0 ? maxAbs : null,
    mse: finite > 0 ? error / finite : null,
    nmse,
    sqnrDb: nmse ? -10 * Math.log10(nmse) : null,
    meanAbs: finite > 0 ? magnitude / finite : null,
    cosine: result > 0 && signal > 0 ? Math.min(1, inner / Math.sqrt(signal * result)) : null,
    bias: Number.isNaN(signal) || signal === 0 ? null : shrunk / signal,
    bitsPerWeight: values > 0 ? bits / values : 0,
  };
}

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
