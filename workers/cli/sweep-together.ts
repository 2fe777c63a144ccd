/** A sweep over several tensors as one: each recipe's figures added up, with the tensors that they are over. */

import { metricOf } from "../../kernels/measure/metrics/index.ts";
import { costOf } from "../../kernels/measure/metrics/reading.ts";
import {
  type Coverage,
  coverable,
  coverageOf,
  Frontier,
  isWhole,
  type SweepMetrics,
  signalsOf,
  together,
} from "../../kernels/sweep/index.ts";
import { printable } from "../../kernels/text/printable.ts";
import type { SweepReply } from "../jobs/sweep/request.ts";
import { jsonLine } from "./say.ts";
import { figure, table } from "./table.ts";

/** What a recipe gave on the tensor number `target`. */
export type Point = SweepReply["points"][number] & { target: number };

export interface SweptTensor {
  name: string;
  elements: number;
}

export interface TogetherRow {
  text: string;
  metrics: SweepMetrics;
  coverage: Coverage;
  /** Among those over the same values. */
  frontier: boolean;
}

/** The points of each recipe as one, in the order of the recipes; those that fit no tensor are not among them. */
export function togetherRows(
  points: readonly Point[],
  tensors: readonly SweptTensor[],
  metric: keyof SweepMetrics,
): TogetherRow[] {
  const elements = (target: number) => tensors[target].elements;
  const targets = coverable(points, [...tensors.keys()]);
  const signals = signalsOf(points, elements);
  const byRecipe = new Map<string, Point[]>();
  for (const point of points) {
    const list = byRecipe.get(point.text);
    if (list) list.push(point);
    else byRecipe.set(point.text, [point]);
  }
  const frontier = new Frontier<TogetherRow>();
  const rows: TogetherRow[] = [];
  for (const [text, list] of byRecipe) {
    const coverage = coverageOf(list, targets, elements);
    if (!coverage) continue;
    const row = { text, metrics: together(list, elements, signals), coverage, frontier: false };
    if (isWhole(coverage)) frontier.add(row, row.metrics.bitsPerWeight, costOf(metricOf(metric), row.metrics));
    rows.push(row);
  }
  for (const row of frontier.items) row.frontier = true;
  return rows;
}

/** For people: how many tensors each figure is over stands beside it. */
export function togetherTable(rows: readonly TogetherRow[], metric: keyof SweepMetrics): string {
  const columns = [...new Set<keyof SweepMetrics>([metric, "nmse", "sqnrDb"])];
  const right = ["bits", ...columns, "tensors", "values"];
  const cost = (row: TogetherRow) => costOf(metricOf(metric), row.metrics) ?? Number.POSITIVE_INFINITY;
  const cells = [...rows]
    .sort((a, b) => a.metrics.bitsPerWeight - b.metrics.bitsPerWeight || cost(a) - cost(b))
    .map(({ text, metrics, frontier, coverage: { tensors, of, values, without } }) => [
      frontier ? "*" : "",
      figure(metrics.bitsPerWeight),
      ...columns.map((name) => figure(metrics[name])),
      tensors < of ? `${tensors} of ${of}` : String(tensors),
      figure(values),
      without.length > 0 ? `${text}  (without a step on ${without.length})` : text,
    ]);
  return rows.length === 0 ? "" : table(["", ...right, "recipe"], cells, right);
}

/** The same as one line of JSON, after the lines of the tensors. */
export function togetherLine(
  rows: readonly TogetherRow[],
  tensors: readonly SweptTensor[],
  facts: { metric: keyof SweepMetrics; leftOut: readonly string[] },
): string {
  const named = ({ target, ...rest }: { target: number; reason: string }) => ({
    tensor: tensors[target].name,
    ...rest,
  });
  const points = rows.map(({ text, metrics, coverage, frontier }) => ({
    recipe: text,
    ...{ metrics, tensors: coverage.tensors, of: coverage.of, values: coverage.values },
    ...{ without: coverage.without.map(named), leftOut: coverage.leftOut.map(named), frontier },
  }));
  return jsonLine({ together: tensors.map(({ name }) => name), ...facts, points });
}

/** What is told of recipes that ran without some of their steps on a tensor. */
export function insteadNotes(points: readonly SweepReply["points"][number][]): string[] {
  return points.flatMap(({ text, instead }) =>
    instead ? [printable(`${text} ran as ${instead.text}, since ${instead.reason}`)] : [],
  );
}
