/** A report as the command line prints it. */

import type { CalibrationUse } from "../../kernels/calibration/index.ts";
import type { SweepMetrics } from "../../kernels/measure/metrics/index.ts";
import { briefMetrics, presentIn } from "../../kernels/measure/metrics/reading.ts";
import type { ActivationsReport, Report } from "../../kernels/measure/report.ts";
import { NUMBERS_VERSION } from "../../kernels/report/report.ts";
import { printable } from "../../kernels/text/printable.ts";
import { SMALL } from "../tensors/small.ts";
import type { ModelTotal } from "./model-total.ts";
import { jsonLine } from "./say.ts";
import { figure, table } from "./table.ts";

/** One line of JSON with the keys that scripts rely on. */
export function reportLine(report: Report): string {
  const { numbers, tensor, shape, recipe, backend, seconds, calibration, activations, metrics, notes } = report;
  const named = Object.fromEntries(presentIn([metrics]).map(({ name }) => [name, metrics[name]]));
  const facts = { tensor, shape, recipe, numbers, backend, seconds, metrics: named };
  const inputs = { ...(calibration && { calibration }), ...(activations && { activations }) };
  return jsonLine({ ...facts, ...inputs, notes });
}

const shapeText = (shape: readonly number[]) => (shape.length === 0 ? "scalar" : shape.join(" x "));

/** Where what is known of the inputs comes from. */
const calibrationFacts = ({ kind, name, tokens, digest }: CalibrationUse): [string, string][] => [
  ["calibration", `${name} (${kind}${tokens === null ? "" : `, ${tokens} tokens`})`],
  ["  sha256", digest],
];

/** What quantized activations do to the outputs, beside the weight and with it. */
const activationsFacts = (found: ActivationsReport): [string, string][] => [
  [
    "activations",
    `${found.scales} ${found.recipe}, ${figure(found.bitsPerActivation)} bits each, ${found.rows} tokens`,
  ],
  ["  weight alone", figure(found.weightOnly)],
  ["  activations alone", figure(found.activationOnly)],
  ["  both", figure(found.joint)],
];

/** One report, a line for each of its facts. */
export function oneTable(report: Report): string {
  const { numbers, tensor, shape, matrix, recipe, backend, seconds, calibration, activations, metrics, notes } = report;
  const facts: [string, string][] = [
    ["tensor", tensor],
    ["shape", shapeText(shape)],
    ["matrix", `${matrix.rows} x ${matrix.cols}`],
    ["recipe", recipe],
    ["numbers", `version ${numbers}`],
    ["backend", backend],
    ["seconds", figure(Number(seconds.toFixed(3)))],
    ...(calibration ? calibrationFacts(calibration) : []),
    ...(activations ? activationsFacts(activations) : []),
    ...presentIn([metrics]).map(({ name }): [string, string] => [name, figure(metrics[name])]),
    ...metrics.bitsBreakdown.map(({ what, bitsPerWeight }): [string, string] => [`  ${what}`, figure(bitsPerWeight)]),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return `${[...lines, ...notes.map((note) => `note: ${note}`)].map(printable).join("\n")}\n`;
}

/** Several reports, a line each, with their recipes where these differ; a note that several tensors have is told once. */
export function manyTable(recipe: string, reports: readonly Report[]): string {
  const names = briefMetrics(reports.map(({ metrics }) => metrics)).map(({ name }) => name);
  const right = ["bits", ...names, "seconds"];
  const differ = reports.some((report) => report.recipe !== recipe);
  const rows = reports.map(({ tensor, shape, recipe, metrics, seconds }) => [
    tensor,
    shapeText(shape),
    figure(metrics.bitsPerWeight),
    ...names.map((name) => figure(metrics[name])),
    seconds.toFixed(3),
    ...(differ ? [recipe] : []),
  ]);
  const told = new Map<string, number>();
  for (const note of reports.flatMap((report) => report.notes)) told.set(note, (told.get(note) ?? 0) + 1);
  const notes = [...told].map(([note, times]) => `note: ${printable(note)} (${times} of ${reports.length} tensors)\n`);
  const backends = [...new Set(reports.map((report) => report.backend))];
  const head = `recipe ${recipe}, numbers version ${NUMBERS_VERSION}, ${backends.length > 1 ? "backends" : "backend"} ${backends.join(", ")}\n`;
  return head + table(["tensor", "shape", ...right, ...(differ ? ["recipe"] : [])], rows, right) + notes.join("");
}

/** Tensors of no elements, for which there is nothing to do. */
export function emptyNote(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return `note: left out, having no elements: ${shown}${more}`;
}

/** The line that sums up a checkpoint. */
export function totalText(total: ModelTotal): string {
  const { tensors, kept, failed, small, elements, metrics } = total;
  const others = [
    ...(kept > 0 ? [`${kept} kept as stored`] : []),
    ...(small > 0 ? [`${small} ${SMALL} left out (--with-small takes them in)`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const counted = [tensors === 1 ? "1 tensor" : `${tensors} tensors`, ...others].join(", ");
  const { broken, bitsPerWeight } = metrics;
  // What is broken stands at the end, in words.
  const told = briefMetrics([metrics], true).filter(({ brief }) => brief === "everywhere");
  const figures = [
    `${figure(bitsPerWeight)} bits a weight`,
    ...told.map(({ name }) => `${name} ${figure(metrics[name as keyof SweepMetrics])}`),
  ].join(", ");
  const missing = broken === 1 ? "1 broken result" : `${broken} broken results`;
  const without = broken > 0 ? ` without ${missing} (NaN or Inf where values were finite)` : "";
  return `total: ${counted}; ${elements} elements, ${figures}${without}\n`;
}

/** The same as one line of JSON, after the lines of the tensors. */
export function totalLine(recipe: string, total: ModelTotal): string {
  const { tensors, kept, failed, elements, metrics } = total;
  return jsonLine({ total: recipe, tensors, kept, failed, elements, metrics });
}
