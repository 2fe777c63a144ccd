import { checkWidth, partOf } from "../../calibration/needs.ts";
import { denseRows } from "../../linalg/dense.ts";
import { dense, multiply } from "../../linalg/index.ts";
import { outputPanel } from "../../measure/output-error.ts";
import type { ResultSignal } from "../signal.ts";
import { similarity } from "./similarity.ts";

/** Tokens that are looked at: their mean moves little beyond. */
const TOKENS = 64;
/** Rows that are multiplied at a time. */
const PANEL_ROWS = 512;

/**
 * 1 - SSIM of a token's outputs, the mean over tokens: 0 where nothing changed. Of sampled rows, of their outputs alone. Values that are not
 * finite count as zero in both; null where a result is missing.
 */
export const work: ResultSignal = {
  of: "results",
  async value({ values, results, cols, calibration, pace }) {
    const inputs = partOf(calibration, "rows", "outputSsim");
    checkWidth(calibration!, cols, "the weight");
    const rows = cols === 0 ? 0 : values.length / cols;
    const tokens = Math.min(TOKENS, inputs.length / cols);
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
    let total = 0;
    for (let t = 0; t < tokens; t++) {
      const [own, now] = [before, after].map((of) => of.values.subarray(t * rows, (t + 1) * rows));
      const found = similarity(own, now);
      if (found === null) return null;
      total += 1 - found;
    }
    return total / tokens;
  },
};
