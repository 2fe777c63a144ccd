/** A sweep as files: every point with its figures, and the chart with its grid, its legend and the link. */

import { inReadingOrder } from "../../../kernels/measure/metrics/reading.ts";
import { NUMBERS_VERSION } from "../../../kernels/report/report.ts";
import { figureNames } from "../../../kernels/sweep/index.ts";
import type { SweepPoint } from "../../../workers/jobs/sweep/request.ts";
import { csvOf } from "../../charts/csv.ts";
import { linkNow } from "../../export/exports.ts";
import { fileName } from "../../export/fileName.ts";
import { type Picture, pictureOf, rasterize } from "../../export/picture.ts";
import { withTexts } from "../../export/png.ts";
import { download } from "../../files/download.ts";
import { track } from "../../state/busy.ts";
import { messageOf, notify } from "../../state/notices.ts";
import type { Workbench } from "../../state/workbench.ts";
import type { LegendEntry } from "./legendEntries.ts";
import { frontierOf, type PlotPoint, pointsOf, targetsShown } from "./points.ts";
import { BITS, type SweepMetric, sweepOf, sweepParts } from "./state.ts";
import { type SweepRun, sweepStoreOf } from "./store.ts";

/** Recipes on the frontier, tensor by tensor. */
function frontiers(run: SweepRun, metric: SweepMetric, against: SweepMetric): Set<string>[] {
  return run.tensors.map(
    (_, target) => new Set(frontierOf(pointsOf(run, target), metric, against).map((point) => point.text)),
  );
}

const inOrder = (run: SweepRun): SweepPoint[] =>
  [...run.points].sort((a, b) => a.target - b.target || a.recipe - b.recipe);

/** The points of several tensors as one, with whether they are on the frontier; none for one tensor, or while some are under way. */
function togetherOf(
  run: SweepRun,
  metric: SweepMetric,
  against: SweepMetric,
): { point: PlotPoint; frontier: boolean }[] {
  if (run.tensors.length === 1 || targetsShown(run, null).length < run.tensors.length) return [];
  const points = pointsOf(run, null);
  const best = new Set(frontierOf(points, metric, against));
  return points.map((point) => ({ point, frontier: best.has(point) }));
}

/**
 * One line a point. The frontier is that of the given metric, for each tensor. Of several tensors the figures of all as one
 * follow, their tensor written `*`, with how many tensors and values each is over.
 */
export function pointsCsv(run: SweepRun, metric: SweepMetric, link: string, against: SweepMetric = BITS): string {
  const best = frontiers(run, metric, against);
  const had = figureNames(run.points.flatMap(({ metrics }) => metrics ?? []));
  const figures = [BITS, ...inReadingOrder(had.filter((name) => name !== BITS))];
  const columns = [
    ...["tensor", "shape", "recipe", ...sweepParts, "backend", ...figures],
    ...[
      "phases",
      "phaseMin",
      "phaseMean",
      "phaseMax",
      against === BITS ? `frontier(${metric})` : `frontier(${metric},${against})`,
      "error",
    ],
    ...["instead", "tensors", "ofTensors", "values", "grid", "link"],
  ];
  const whole = togetherOf(run, metric, against).map(({ point, frontier }) => [
    ...["*", "", point.text, ...sweepParts.map((key) => point.parts[key]), point.backend],
    ...figures.map((key) => point.metrics[key] ?? null),
    ...[null, null, null, null, Number(frontier), null, null],
    ...[point.coverage?.tensors ?? null, point.coverage?.of ?? null, point.coverage?.values ?? null, run.grid, link],
  ]);
  const rows = inOrder(run).map(({ target, recipe, text, metrics, phase, backend, error, instead }) => [
    run.tensors[target].name,
    run.tensors[target].shape.join("x"),
    text,
    ...sweepParts.map((key) => run.recipes[recipe].parts[key]),
    backend,
    ...figures.map((key) => metrics?.[key] ?? null),
    ...[phase?.phases ?? null, phase?.min ?? null, phase?.mean ?? null, phase?.max ?? null],
    metrics ? Number(best[target].has(text)) : null,
    error,
    instead?.text ?? null,
    ...(metrics ? [1, 1, run.tensors[target].elements] : [0, 1, 0]),
    run.grid,
    link,
  ]);
  return `${csvOf(columns, [...rows, ...whole])}\r\n`;
}

/** Everything that came, as one object. */
export function pointsJson(run: SweepRun, metric: SweepMetric, link: string, against: SweepMetric = BITS): string {
  const best = frontiers(run, metric, against);
  const { grid, request, complete, seconds, notes, tensors } = run;
  const points = inOrder(run).map(({ target, recipe, text, metrics, phase, backend, error, instead }) => ({
    tensor: tensors[target].name,
    shape: tensors[target].shape,
    recipe: text,
    parts: run.recipes[recipe].parts,
    backend,
    metrics,
    phase,
    error,
    ...(instead && { instead }),
    frontier: metrics !== null && best[target].has(text),
  }));
  const { definitions, phases } = request;
  const name = ({ target, ...rest }: { target: number; reason: string }) => ({ tensor: tensors[target].name, ...rest });
  const together = togetherOf(run, metric, against).map(({ point: { text, metrics, coverage }, frontier }) => ({
    recipe: text,
    metrics,
    ...{ tensors: coverage?.tensors, of: coverage?.of, values: coverage?.values },
    without: coverage?.without.map(name),
    leftOut: coverage?.leftOut.map(name),
    frontier,
  }));
  const facts = {
    numbers: NUMBERS_VERSION,
    link,
    grid,
    definitions,
    phases,
    metric,
    against,
    complete,
    seconds,
    notes,
  };
  const whole = { ...facts, leftOut: run.small, points, ...(together.length > 0 && { together }) };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

const nameOf = (run: SweepRun): string =>
  fileName(run.tensors.length === 1 ? run.tensors[0].name : `${run.tensors.length} tensors`);

export function exportPoints(w: Workbench, kind: "csv" | "json"): void {
  const { run } = sweepStoreOf(w).getState();
  if (!run) return;
  const { metric, against } = sweepOf(w.timeline.getState().experiment);
  const text = (kind === "csv" ? pointsCsv : pointsJson)(run, metric, linkNow(w), against);
  download(text, `${nameOf(run)}.sweep.${kind}`, kind === "csv" ? "text/csv" : "application/json");
}

const LINE = 16;
const MARGIN = 8;
const CHAR = 6.8;

/** A text in pieces that fit a width, cut after a separator of the notation where there is one. */
export function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const cut = Math.max(rest.lastIndexOf(",", most - 1), rest.lastIndexOf(";", most - 1));
    const at = cut > most / 2 ? cut + 1 : most;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...lines, rest];
}

/** The picture with the legend under it. */
function withLegend(picture: Picture, entries: readonly LegendEntry[]): Picture {
  if (entries.length === 0) return picture;
  const root = new DOMParser().parseFromString(picture.svg, "image/svg+xml");
  const svg = root.documentElement;
  const theme = getComputedStyle(document.documentElement);
  const make = (name: string, attributes: Record<string, string | number>, text = "") => {
    const element = root.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.textContent = text;
    return element;
  };
  let [x, y] = [MARGIN, picture.height + LINE / 2];
  const group = make("g", { "font-family": "monospace", "font-size": 11, fill: theme.getPropertyValue("--ink") });
  for (const { path, colour, value } of entries) {
    const width = 30 + value.length * CHAR;
    if (x > MARGIN && x + width > picture.width) [x, y] = [MARGIN, y + LINE];
    const fill = theme.getPropertyValue(colour).trim();
    group.append(make("path", { d: path, fill, transform: `translate(${x + 6},${y})` }));
    group.append(make("text", { x: x + 16, y: y + 4 }, value));
    x += width;
  }
  const height = y + LINE;
  svg.append(group);
  svg.setAttribute("height", String(height));
  svg.setAttribute("viewBox", `0 0 ${picture.width} ${height}`);
  svg.querySelector("rect")?.setAttribute("height", String(height));
  return { ...picture, height, svg: new XMLSerializer().serializeToString(root) };
}

/** The chart on the screen as a file. */
export async function exportFrontier(w: Workbench, kind: "svg" | "png"): Promise<void> {
  const { run } = sweepStoreOf(w).getState();
  const figure = document.querySelector<HTMLElement>('figure[data-chart="sweep"]');
  if (!run || !figure) return;
  const link = linkNow(w);
  const title = figure.querySelector("h3")?.textContent ?? "Sweep";
  const most = Math.max(40, Math.floor((figure.clientWidth - 2 * MARGIN) / CHAR));
  const tensors = run.tensors.map((t) => `${t.name} ${t.shape.join(" x ")}`).join(", ");
  const { phases } = run.request;
  const lines = [
    ...wrapped(tensors, most).slice(0, 3),
    ...wrapped(run.grid, most),
    "Line: recipes that no other beats on both axes. Pale: the others.",
    ...(phases > 1 ? [`Bars: smallest, mean and largest over ${phases} places of the data inside an octave.`] : []),
  ];
  const drawn = pictureOf(figure, { title, lines, link });
  if (!drawn) return void notify("There is no chart on the screen to save.");
  try {
    const entries: LegendEntry[] = JSON.parse(figure.dataset.legend ?? "[]");
    const picture = withLegend(drawn, entries);
    const name = `${nameOf(run)}.sweep.${kind}`;
    if (kind === "svg") return download(picture.svg, name, "image/svg+xml");
    const png = new Uint8Array(await (await track(rasterize(picture))).arrayBuffer());
    const texts = { Title: title, Description: [tensors, run.grid].join("\n"), Source: link, Software: "Quantscope" };
    download(withTexts(png, texts) as Uint8Array<ArrayBuffer>, name, "image/png");
  } catch (error) {
    notify(messageOf(error), "error");
  }
}
