import { checkWidth, partOf } from "../calibration/needs.ts";
import { type Dense, denseRows } from "../linalg/dense.ts";
import { dense, multiply } from "../linalg/index.ts";
import { outputPanel } from "../measure/output-error.ts";
import type { SignalRows } from "./signal.ts";

/** Rows that are multiplied at a time. */
const PANEL_ROWS = 512;

/**
 * Outputs of the first tokens of a calibration, tokens x rows, with the weight as it is and with what a recipe made of it: of sampled rows
 * their outputs alone. Values that are not finite count as zero in both; null where a result is missing, or there is nothing. Rejects, naming
 * `who`, where the calibration has no tokens or is of another width.
 */
export async function tokenOutputs(
  { values, results, cols, calibration, pace }: SignalRows,
  most: number,
  who: string,
): Promise<{ before: Dense; after: Dense } | null> {
  const inputs = partOf(calibration, "rows", who);
  checkWidth(calibration!, cols, "the weight");
  const rows = cols === 0 ? 0 : values.length / cols;
  const tokens = Math.min(most, inputs.length / cols);
  if (rows === 0 || !(tokens >= 1)) return null;
  const x = denseRows(inputs.subarray(0, tokens * cols), cols);
  const [before, after] = [dense(tokens, rows), dense(tokens, rows)];
  for (let from = 0; from < rows; from += PANEL_ROWS) {
    const part = (of: Float32Array) => of.subarray(from * cols, Math.min(rows, from + PANEL_ROWS) * cols);
    const { signal, error, broken } = outputPanel(part(values), part(results), cols);
    if (broken) return null;
    const run = pace ? { pace } : {};
    const [was, lost] = [
      await multiply(x, signal, { transposeB: true }, run),
      await multiply(x, error, { transposeB: true }, run),
    ];
    for (let t = 0, at = 0; t < tokens; t++) {
      for (let r = from; r < from + was.cols; r++, at++) {
        before.values[t * rows + r] = was.values[at];
        after.values[t * rows + r] = was.values[at] - lost.values[at];
      }
    }
  }
  return { before, after };
}
