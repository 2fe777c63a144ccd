/** A sweep over several tensors as one: each recipe's figures added up, with the tensors that they are over. */

import { metricOf } from "../../kernels/measure/metrics/index.ts";
import { columnOf } from "../../kernels/measure/metrics/reading.ts";
import {
  type Axes,
  type Coverage,
  costsOf,
  coverable,
  coverageOf,
  Frontier,
  isWhole,
  type SweepMetrics,
  together,
} from "../../kernels/sweep/index.ts";
import { printable } from "../../kernels/text/printable.ts";
import type { SweepReply } from "../jobs/sweep/request.ts";
import { jsonLine } from "./say.ts";
import { byCosts, columnsOf } from "./sweep-text.ts";
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
export function togetherRows(points: readonly Point[], tensors: readonly SweptTensor[], axes: Axes): TogetherRow[] {
  const elements = (target: number) => tensors[target].elements;
  const targets = coverable(points, [...tensors.keys()]);
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
    const row = { text, metrics: together(list), coverage, frontier: false };
    if (isWhole(coverage)) frontier.add(row, ...costsOf(axes, row.metrics));
    rows.push(row);
  }
  for (const row of frontier.items) row.frontier = true;
  return rows;
}

/** For people: how many tensors each figure is over stands beside it. */
export function togetherTable(rows: readonly TogetherRow[], axes: Axes): string {
  const list = rows.map(({ metrics }) => metrics);
  const columns = columnsOf(axes, list, true);
  const right = [...columns.map((name) => columnOf(metricOf(name))), "tensors", "values"];
  const cells = byCosts(rows, axes).map(({ text, metrics, frontier, coverage: { tensors, of, values, without } }) => [
    frontier ? "*" : "",
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
  facts: Axes & { leftOut: readonly string[] },
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
