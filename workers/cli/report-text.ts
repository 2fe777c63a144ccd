/** A report as the command line prints it. */
import { metricNames, type Report } from "../../kernels/report.ts";
import { figure, table } from "./table.ts";

/** One line of JSON with the keys that scripts rely on. */
export function reportLine({ tensor, shape, recipe, backend, seconds, metrics }: Report): string {
  const named = Object.fromEntries(metricNames.map((name) => [name, metrics[name]]));
  return `${JSON.stringify({ tensor, shape, recipe, backend, seconds, metrics: named })}\n`;
}

const shapeText = (shape: readonly number[]) => (shape.length === 0 ? "scalar" : shape.join(" x "));

/** One report, a line for each of its facts. */
export function oneTable({ tensor, shape, matrix, recipe, backend, seconds, metrics, notes }: Report): string {
  const facts: [string, string][] = [
    ["tensor", tensor],
    ["shape", shapeText(shape)],
    ["matrix", `${matrix.rows} x ${matrix.cols}`],
    ["recipe", recipe],
    ["backend", backend],
    ["seconds", figure(Number(seconds.toFixed(3)))],
    ...metricNames.map((name): [string, string] => [name, figure(metrics[name])]),
    ...metrics.bitsBreakdown.map(({ what, bitsPerWeight }): [string, string] => [`  ${what}`, figure(bitsPerWeight)]),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return `${[...lines, ...notes.map((note) => `note: ${note}`)].join("\n")}\n`;
}

/** Several reports of one recipe, a line each; a note that several tensors have is told once. */
export function manyTable(reports: readonly Report[]): string {
  const right = ["bits", "sqnrDb", "mse", "maxAbs", "saturated", "flushed", "seconds"];
  const rows = reports.map(({ tensor, shape, metrics, seconds }) => [
    tensor,
    shapeText(shape),
    figure(metrics.bitsPerWeight),
    figure(metrics.sqnrDb),
    figure(metrics.mse),
    figure(metrics.maxAbs),
    figure(metrics.saturated),
    figure(metrics.flushed),
    seconds.toFixed(3),
  ]);
  const told = new Map<string, number>();
  for (const note of reports.flatMap((report) => report.notes)) told.set(note, (told.get(note) ?? 0) + 1);
  const notes = [...told].map(([note, times]) => `note: ${note} (${times} of ${reports.length} tensors)\n`);
  const head = `recipe ${reports[0].recipe}, backend ${reports[0].backend}\n`;
  return head + table(["tensor", "shape", ...right], rows, right) + notes.join("");
}
