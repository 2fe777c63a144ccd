import type { QuantizeOptions } from "../backends/options.ts";
import type { Calibration } from "../calibration/types.ts";
import { usedOf } from "../calibration/use.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { OutputSums } from "../measure/measured.ts";
import { outputFiguresOf } from "../measure/metrics/index.ts";
import { outputSums } from "../measure/output-error.ts";
import type { Report } from "../measure/report.ts";
import type { Quantized } from "./types.ts";

/** What a recipe's results do to the outputs, in a pass over all of them; null where the calibration has no Gram matrix. */
export async function measureOutputs(
  source: MatrixSource,
  quantized: Pick<Quantized, "rows" | "plan">,
  { gram }: Calibration,
  checkpoint: QuantizeOptions["checkpoint"],
): Promise<OutputSums | null> {
  const { rows, cols } = quantized.plan;
  if (!gram) return null;
  return outputSums(source, rows, cols, gram, quantized.rows, (row) => checkpoint(row, rows, "output error"));
}

/** A result with its error at the outputs, and what the reader must know of the calibration. */
export async function withOutputs(
  source: MatrixSource,
  quantized: Quantized,
  calibration: Calibration,
  options: QuantizeOptions,
): Promise<Quantized> {
  const outputs = await measureOutputs(source, quantized, calibration, options.checkpoint);
  const report = reportWith(quantized.report, calibration, outputs);
  const { complete } = quantized;
  return { ...quantized, report, ...(complete && { complete: async () => ({ ...(await complete()), report }) }) };
}

function reportWith(report: Report, calibration: Calibration, outputs: OutputSums | null): Report {
  const measured = { ...report.measured, outputs };
  const none = outputs ? [] : [`${calibration.source.name} has no Gram matrix: there is no output error`];
  return {
    ...report,
    measured,
    metrics: { ...report.metrics, ...outputFiguresOf(measured) },
    calibration: usedOf(calibration),
    notes: [...report.notes, ...calibration.notes, ...none],
  };
}
