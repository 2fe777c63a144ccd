/** What leaves the page as a file. Every file says which recipe made it and carries the link. */

import type { Report } from "../../kernels/measure/report.ts";
import type { ArraysRequest } from "../../workers/jobs/arrays/index.ts";
import { csvOf } from "../charts/csv.ts";
import type { TableData } from "../charts/DataTable.tsx";
import type { Side } from "../charts/types.ts";
import { download } from "../files/download.ts";
import { EXPERIMENT_FILE, printExperimentFile } from "../link/file.ts";
import type { ViewCaption, ViewFiles } from "../page/view.ts";
import { track } from "../state/busy.ts";
import { isAbort, messageOf, notify } from "../state/notices.ts";
import type { Workbench } from "../state/workbench.ts";
import { resultsCaption } from "./captions.ts";
import { fileName } from "./fileName.ts";
import { metricsCsv, metricsJson } from "./metrics.ts";
import { pictureOf, rasterize } from "./picture.ts";
import { withTexts } from "./png.ts";

function reportsOf(w: Workbench): Report[] {
  const { a, b } = w.runs.store.getState();
  return [a.shown, b.shown].flatMap((shown) => (shown ? [shown.report] : []));
}

/** The link of the experiment as it is. */
export const linkNow = (w: Workbench): string => w.linkOf(w.timeline.getState().experiment).href;

export function experimentFile(w: Workbench): void {
  download(printExperimentFile(w.timeline.getState().experiment), EXPERIMENT_FILE, "application/json");
}

export function exportMetrics(w: Workbench, kind: "csv" | "json"): void {
  const reports = reportsOf(w);
  const text = kind === "csv" ? metricsCsv(reports, linkNow(w)) : metricsJson(reports, linkNow(w));
  download(
    text,
    `${fileName(reports[0]?.tensor ?? "")}.metrics.${kind}`,
    kind === "csv" ? "text/csv" : "application/json",
  );
}

/** What the charts of a view are of; the results of A and B, where it does not say. */
export const captionOf = (w: Workbench, files: ViewFiles = {}): ViewCaption =>
  files.caption?.(w) ?? resultsCaption(w.timeline.getState().experiment, w.runs.store.getState());

export const figuresShown = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("figure[data-chart]")];

/** Every chart on the screen, each a file of its own. */
export async function exportCharts(w: Workbench, caption: ViewCaption, kind: "svg" | "png"): Promise<void> {
  const end = saveCharts(w, figuresShown(), caption, kind);
  await track(end).catch((error) => notify(messageOf(error), "error"));
}

export async function saveCharts(
  w: Workbench,
  figures: readonly HTMLElement[],
  caption: ViewCaption,
  kind: "svg" | "png",
): Promise<void> {
  let saved = 0;
  for (const figure of figures) if (await savePicture(w, figure, caption, kind)) saved++;
  notify(
    saved === 0 ? "There is no chart on the screen to save." : `Saved ${saved} ${saved === 1 ? "chart" : "charts"}.`,
  );
}

const titleOf = (figure: HTMLElement): string =>
  figure.querySelector("h3")?.textContent ?? figure.dataset.chart ?? "Chart";

const chartFile = (figure: HTMLElement, { stem }: ViewCaption, kind: string): string =>
  `${stem}.${fileName(figure.dataset.chart ?? "chart")}.${kind}`;

/** A figure as a file with the caption in it; false where nothing is drawn. */
async function savePicture(
  w: Workbench,
  figure: HTMLElement,
  caption: ViewCaption,
  kind: "svg" | "png",
): Promise<boolean> {
  const title = titleOf(figure);
  const link = w.linkOf(caption.experiment).href;
  // What the figure says of its own drawing where that is no part of it, such as a legend.
  const lines = [...caption.lines, ...(figure.dataset.caption ? [figure.dataset.caption] : [])];
  const picture = pictureOf(figure, { title, lines, link });
  if (!picture) return false;
  const name = chartFile(figure, caption, kind);
  if (kind === "svg") download(picture.svg, name, "image/svg+xml");
  else {
    const png = new Uint8Array(await (await rasterize(picture)).arrayBuffer());
    const texts = { Title: title, Description: lines.join("\n"), Source: link, Software: "Quantscope" };
    download(withTexts(png, texts) as Uint8Array<ArrayBuffer>, name, "image/png");
  }
  return true;
}

/** One chart alone: its picture, or the figures behind it. */
export async function saveChart(
  w: Workbench,
  caption: ViewCaption,
  figure: HTMLElement,
  kind: "svg" | "png" | "csv",
  table: () => Pick<TableData, "columns" | "rows">,
): Promise<void> {
  try {
    if (kind === "csv") {
      const { columns, rows } = table();
      return download(`${csvOf(columns, rows)}\r\n`, chartFile(figure, caption, kind), "text/csv");
    }
    if (!(await track(savePicture(w, figure, caption, kind)))) notify("There is nothing drawn in this chart yet.");
  } catch (error) {
    notify(messageOf(error), "error");
  }
}

/** Results, codes, or scales with zero points, as npy; several arrays are an npz. */
export async function exportTensor(
  w: Workbench,
  side: Side,
  what: ArraysRequest["what"] = "dequantized",
): Promise<void> {
  const shown = w.runs.store.getState()[side].shown;
  if (!shown) return;
  try {
    const blob = await track(w.client.call("arrays", { ...shown.request, what }));
    const { tensor, recipe } = shown.report;
    const stem = what === "dequantized" ? `${tensor}.${recipe}` : `${tensor}.${recipe}.${what}`;
    download(blob, `${fileName(stem)}.${blob.type === "application/zip" ? "npz" : "npy"}`, "application/octet-stream");
  } catch (error) {
    if (!isAbort(error)) notify(messageOf(error), "error");
  }
}
