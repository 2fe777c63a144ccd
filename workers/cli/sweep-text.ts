/** A sweep for people at a terminal. */
import { metricOf } from "../../kernels/measure/metrics/index.ts";
import { briefMetrics, columnOf } from "../../kernels/measure/metrics/reading.ts";
import { type Axes, costsOf, type SweepMetrics, type SweepPlan } from "../../kernels/sweep/index.ts";
import type { SweepReply } from "../jobs/sweep/request.ts";
import { figure, table } from "./table.ts";

export type SweepRow = SweepReply["points"][number] & { frontier: boolean };

/** How many recipes there are, and what became of the other combinations. */
export function headline({ recipes, duplicates, skipped }: SweepPlan): string[] {
  const parts = [`${recipes.length} ${recipes.length === 1 ? "recipe" : "recipes"}`];
  if (duplicates > 0) parts.push(`${duplicates} left out: they mean the same as another`);
  for (const { reason, count, example } of skipped) parts.push(`${count} left out, as ${example}: ${reason}`);
  return parts;
}

/** In the order of what the frontier is against, then by what is better. */
export function byCosts<T extends { metrics: SweepMetrics }>(rows: readonly T[], axes: Axes): T[] {
  const costs = new Map(rows.map((row) => [row, costsOf(axes, row.metrics).map((cost) => cost ?? Infinity)]));
  // Infinite costs less one another are NaN.
  const order = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);
  return [...rows].sort((a, b) => {
    const [[x, y], [v, w]] = [costs.get(a)!, costs.get(b)!];
    return order(x, v) || order(y, w);
  });
}

/** What columns tables have: the axes, bits, and what is told in brief. */
export function columnsOf(
  { metric, against }: Axes,
  list: readonly SweepMetrics[],
  several = false,
): (keyof SweepMetrics)[] {
  const brief = briefMetrics(list, several).map(({ name }) => name as keyof SweepMetrics);
  return [...new Set<keyof SweepMetrics>([against, "bitsPerWeight", metric, ...brief])];
}

/** The points that have figures; `*` marks the frontier. */
export function sweepTable(rows: readonly SweepRow[], axes: Axes): string {
  const shown = rows.flatMap(({ metrics, ...row }) => (metrics ? [{ ...row, metrics }] : []));
  const columns = columnsOf(
    axes,
    shown.map(({ metrics }) => metrics),
  );
  const phased = rows.some((row) => row.phase !== null);
  const right = [...columns.map((name) => columnOf(metricOf(name))), ...(phased ? ["phase min", "phase max"] : [])];
  const cells = byCosts(shown, axes).map(({ text, metrics, phase, frontier }) => [
    frontier ? "*" : "",
    ...columns.map((name) => figure(metrics[name])),
    ...(phased ? [figure(phase?.min), figure(phase?.max)] : []),
    text,
  ]);
  return shown.length === 0 ? "" : table(["", ...right, "recipe"], cells, right);
}
