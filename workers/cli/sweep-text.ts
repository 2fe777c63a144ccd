/** A sweep for people at a terminal. */
import { metricOf } from "../../kernels/measure/metrics/index.ts";
import { costOf, isBroken } from "../../kernels/measure/metrics/reading.ts";
import type { SweepMetrics, SweepPlan } from "../../kernels/sweep/index.ts";
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

/** The points that have figures, in the order of bits; `*` marks the frontier. */
export function sweepTable(rows: readonly SweepRow[], metric: keyof SweepMetrics): string {
  const broken = rows.some((row) => row.metrics && isBroken(row.metrics)) ? (["broken"] as const) : [];
  const columns = [
    ...new Set<keyof SweepMetrics>([metric, "nmse", "sqnrDb", "maxAbs", "saturated", "flushed", ...broken]),
  ];
  const phased = rows.some((row) => row.phase !== null);
  const right = ["bits", ...columns, ...(phased ? ["phase min", "phase max"] : [])];
  const shown = rows.filter((row) => row.metrics !== null);
  const cost = (row: SweepRow) => costOf(metricOf(metric), row.metrics!) ?? Infinity;
  shown.sort((a, b) => a.metrics!.bitsPerWeight - b.metrics!.bitsPerWeight || cost(a) - cost(b));
  const cells = shown.map(({ text, metrics, phase, frontier }) => [
    frontier ? "*" : "",
    figure(metrics!.bitsPerWeight),
    ...columns.map((name) => figure(metrics![name])),
    ...(phased ? [figure(phase?.min ?? null), figure(phase?.max ?? null)] : []),
    text,
  ]);
  return shown.length === 0 ? "" : table(["", ...right, "recipe"], cells, right);
}
