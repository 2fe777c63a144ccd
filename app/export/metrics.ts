/** The figures of A and B as files. Keys are the report's own, so that a script reads what the command line prints. */
import type { Report } from "../../kernels/measure/report.ts";
import { csvOf } from "../charts/csv.ts";
import { specsOf } from "../metrics/metrics.ts";

/** One line a recipe. */
export function metricsCsv(reports: readonly Report[], link: string): string {
  const keys = specsOf(reports.map(({ metrics }) => metrics)).map(({ name }) => name);
  const columns = ["tensor", "shape", "recipe", "backend", "seconds", ...keys, "link"];
  const rows = reports.map((r) => [
    r.tensor,
    r.shape.join("x"),
    r.recipe,
    r.backend,
    r.seconds,
    ...keys.map((key) => r.metrics[key] ?? null),
    link,
  ]);
  return `${csvOf(columns, rows)}\r\n`;
}

export function metricsJson(reports: readonly Report[], link: string): string {
  const results = reports.map(
    ({ tensor, shape, recipe, backend, seconds, metrics, calibration, activations, notes, numbers }) => ({
      tensor,
      shape,
      recipe,
      backend,
      seconds,
      metrics,
      ...(calibration && { calibration }),
      ...(activations && { activations }),
      notes,
      numbers,
    }),
  );
  return `${JSON.stringify({ link, results }, null, 2)}\n`;
}
