import { checkWidth, partOf } from "../../calibration/needs.ts";
import type { Dense } from "../../linalg/dense.ts";
import { outputPanel, rowsThrough } from "../../measure/output-error.ts";
import type { RowSignal, RowTerms, SignalRows } from "../signal.ts";

/** Rows that are multiplied at a time. */
const PANEL_ROWS = 512;

/**
 * Of each row, its error d and its values w through the Gram matrix: d H d^T and w H w^T over the tokens of H, a token; over all of
 * them where their number is not known, so that layers can be compared that met as many.
 */
export async function outputTerms(
  { values, results, cols, pace }: SignalRows,
  gram: Dense,
  tokens: number,
): Promise<RowTerms> {
  const rows = cols === 0 ? 0 : values.length / cols;
  const terms: RowTerms = { error: new Float64Array(rows), signal: new Float64Array(rows), broken: 0 };
  for (let from = 0; from < rows; from += PANEL_ROWS) {
    const part = (of: Float32Array) => of.subarray(from * cols, Math.min(rows, from + PANEL_ROWS) * cols);
    const { signal, error } = outputPanel(part(values), part(results), cols);
    // What is zero may come out a little below.
    const put = async (of: Dense, into: Float64Array) =>
      into.set(
        (await rowsThrough(of, gram, pace ? { pace } : {})).map((sum) => Math.max(0, sum) / tokens),
        from,
      );
    await put(error, terms.error);
    await put(signal, terms.signal);
  }
  for (let i = 0; i < values.length; i++) {
    if (values[i] - values[i] === 0 && results[i] - results[i] !== 0) terms.broken++;
  }
  return terms;
}

/** The same of a calibration's inputs. Rejects, naming `who`, where it has no Gram matrix. */
export const outputTermsFor =
  (who: string) =>
  async (rows: SignalRows): Promise<RowTerms> => {
    const gram = partOf(rows.calibration, "gram", who);
    checkWidth(rows.calibration!, rows.cols, "the weight");
    return outputTerms(rows, gram, rows.calibration!.tokens || 1);
  };

export const work: RowSignal = {
  of: "rows",
  terms: outputTermsFor("outputError"),
  value: ({ error, elements }) => (elements > 0 ? error : null),
};
