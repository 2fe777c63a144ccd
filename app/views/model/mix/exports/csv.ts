/** The assignment as lines: a tensor each, with what it got, what that costs and loses. */
import { csvOf } from "../../../../charts/csv.ts";
import type { ReportRow } from "../report/data.ts";

export function assignmentCsv(rows: readonly ReportRow[], signal: string, link: string): string {
  const columns = [
    ...["tensor", "layer", "role", "shape", "elements", "recipe", "bits", "bitsPerWeight"],
    ...[signal, "stderr", "shareRead", "pinned", "link"],
  ];
  const lines = rows.map(({ tensor, layer, role, shape, elements, recipe, bits, loss, stderr, read, pinned }) => [
    ...[tensor, layer, role, shape.join("x"), elements, recipe ?? "keep", bits, bits / elements],
    ...[loss, stderr, read, pinned ? "yes" : "no", link],
  ]);
  return `${csvOf(columns, lines)}\r\n`;
}
