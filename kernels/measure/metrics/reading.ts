/** How a figure is read: what is shown of it, whether it can be compared, and which is the better one. */
import { type Figures, type MetricName, metricOf, metrics } from "./index.ts";
import type { AnyFigures, Metric } from "./metric.ts";

/**
 * Whether results are missing from the figures: these are then of the others alone, and no other recipe's can be held
 * against them. Such a recipe is on no frontier, and better than none.
 */
export const isBroken = ({ broken }: Pick<Figures, "broken">): boolean => broken > 0;

export type ReadFigures = AnyFigures & Pick<Figures, "broken">;

const figureOf = (metric: Metric, figures: AnyFigures): number | null =>
  (figures[metric.name] as number | null | undefined) ?? null;

/** What tables show of a metric; `null` where there is none, infinite for an SQNR without any error. */
export function shownOf(metric: Metric, figures: AnyFigures): number | null {
  const value = figureOf(metric, figures);
  return metric.shown ? metric.shown(value, figures) : value;
}

/** Whether a shown value is that of no error at all, for which an axis has no place. */
export const isExact = ({ axis, better }: Metric, shown: number | null): boolean =>
  axis === "log" ? shown === 0 : shown === (better === "higher" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);

/** What is compared: magnitudes of figures with a sign. */
function sizeOf(metric: Metric, figures: AnyFigures): number | null {
  const shown = shownOf(metric, figures);
  if (shown === null || Number.isNaN(shown)) return null;
  return metric.signed ? Math.abs(shown) : shown;
}

/** What an axis shows. Nothing is exact whose results are broken. */
export function drawnOf(metric: Metric, figures: ReadFigures): number | null {
  const size = sizeOf(metric, figures);
  return isBroken(figures) && isExact(metric, size) ? null : size;
}

/**
 * What a metric costs, so that less is better; `null` where the metric says nothing (no signal, neither better nor worse), and
 * for every figure of a recipe with broken results, which wins no comparison.
 */
export const costOf = (metric: Metric, figures: ReadFigures): number | null =>
  isBroken(figures) ? null : shownCostOf(metric, figures);

/** The same whether results are broken or not: what the metric says of the others, or of all where it is taken over all. */
export function shownCostOf(metric: Metric, figures: AnyFigures): number | null {
  const size = metric.better === "none" ? null : sizeOf(metric, figures);
  return size !== null && metric.better === "higher" ? -size : size;
}

/** Whether both figures are taken over the same values. */
export const areComparable = ({ whole }: Metric, a: ReadFigures, b: ReadFigures): boolean =>
  whole === true || !(isBroken(a) || isBroken(b));

/** For reading: what every table has, then the others, each in the order of the list. */
export const inReadingOrder = <T extends MetricName>(names: readonly T[]): T[] => {
  const first = (name: T) => metricOf(name).brief === "everywhere";
  return [...names.filter(first), ...names.filter((name) => !first(name))];
};

/** What a column of text is called. */
export const columnOf = ({ name, column }: Metric): string => column ?? name;

/** Which metrics some of these figures have: those of a calibration are absent where there was none. */
export const presentIn = (list: readonly AnyFigures[]): typeof metrics =>
  metrics.filter(({ name }) => list.some((figures) => figures[name] !== undefined));

/**
 * What tables show that have no room for all: without bits, which stand first in every one.
 *
 * @param several whether the figures are of several tensors as one
 */
export function briefMetrics(list: readonly AnyFigures[], several = false): typeof metrics {
  return presentIn(list).filter(({ name, brief }) => {
    if (brief === "where any") return list.some((figures) => Number(figures[name] ?? 0) > 0);
    return brief === "everywhere" || (brief === "one tensor" && !several);
  });
}

/** `NMSE`, `SQNR (dB)`, `|Bias|`: what an axis is called. */
export function axisLabel({ label, unit, signed, along }: Metric): string {
  if (along) return along;
  const name = signed ? `|${label}|` : label;
  return unit ? `${name} (${unit})` : name;
}
