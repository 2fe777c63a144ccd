import type { QuantizeOptions } from "../backends/options.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import type { Calibration } from "../calibration/types.ts";
import { usedOf } from "../calibration/use.ts";
import type { MatrixSource } from "../matrix/source.ts";
import type { OutputSums } from "../measure/measured.ts";
import { outputFiguresOf } from "../measure/metrics/index.ts";
import { outputSums } from "../measure/output-error.ts";
import type { ActivationsReport, Report } from "../measure/report.ts";
import type { Plan } from "../plan/plan.ts";
import { measureActivations } from "./activations.ts";
import type { Quantized } from "./types.ts";

/** What a recipe's results do to the outputs, in a pass over all of them; null where the calibration has no Gram matrix. */
export async function measureOutputs(
  source: MatrixSource,
  quantized: Pick<Quantized, "rows" | "plan" | "outputBias">,
  { gram, mean, tokens }: Calibration,
  checkpoint: QuantizeOptions["checkpoint"],
): Promise<OutputSums | null> {
  const { rows, cols } = quantized.plan;
  if (!gram) return null;
  const { outputBias } = quantized;
  const shift = outputBias && mean && tokens ? { bias: outputBias, mean, tokens } : null;
  return outputSums(source, rows, cols, gram, quantized.rows, (row) => checkpoint(row, rows, "output error"), shift);
}

/** A result with its error at the outputs, and what the reader must know of the calibration. */
export async function withOutputs(
  source: MatrixSource,
  quantized: Quantized,
  calibration: Calibration,
  options: QuantizeOptions,
  quantize: (source: MatrixSource, plan: Plan, options: QuantizeOptions) => Promise<Quantized>,
): Promise<Quantized> {
  const { activations, checkpoint } = options;
  const both = activations
    ? await measureActivations(
        quantized,
        calibration,
        activations,
        // Tokens kept are few.
        (tokens, plan) => quantize(tokens, plan, { backend: referenceBackend, checkpoint, now: options.now }),
        checkpoint,
      )
    : null;
  const outputs = both?.outputs ?? (await measureOutputs(source, quantized, calibration, checkpoint));
  const notes = both ? [jointNote(both.report, quantized.apart !== undefined)] : [];
  const report = reportWith(quantized.report, calibration, outputs, both?.report ?? null, notes);
  const { complete } = quantized;
  return { ...quantized, report, ...(complete && { complete: async () => ({ ...(await complete()), report }) }) };
}

const jointNote = ({ recipe, scales, rows }: ActivationsReport, apart: boolean): string =>
  `outputNmse is of weight and activations (${scales} ${recipe}) together, over the ${rows} tokens kept of the calibration${
    apart ? "; the part that is kept apart meets inputs as they are" : ""
  }`;

function reportWith(
  report: Report,
  calibration: Calibration,
  outputs: OutputSums | null,
  activations: ActivationsReport | null,
  joint: readonly string[],
): Report {
  const measured = { ...report.measured, outputs };
  const none = outputs ? [] : [`${calibration.source.name} has no Gram matrix: there is no output error`];
  return {
    ...report,
    measured,
    metrics: { ...report.metrics, ...outputFiguresOf(measured) },
    calibration: usedOf(calibration),
    ...(activations && { activations }),
    notes: [...report.notes, ...calibration.notes, ...none, ...joint],
  };
}
