import { checkWidth, partOf } from "../../calibration/needs.ts";
import type { Calibration } from "../../calibration/types.ts";
import { LinalgError, type Run } from "../../linalg/index.ts";
import type { TensorSignal } from "../signal.ts";
import { inverseDiagonal, salienceOf } from "./salience.ts";

const known = new WeakMap<Calibration, Float64Array | null>();

/** Remembers the diagonal: rows of a tensor may come in pieces. Null where there is no inverse. */
async function diagonalOf(calibration: Calibration, run: Run): Promise<Float64Array | null> {
  const found = known.get(calibration);
  if (found !== undefined) return found;
  const made = await inverseDiagonal(partOf(calibration, "gram", "salience"), calibration.tokens, run).catch(
    (error) => {
      if (error instanceof LinalgError) return null;
      throw error;
    },
  );
  known.set(calibration, made);
  return made;
}

export const work: TensorSignal = {
  of: "tensor",
  async value({ values, cols, calibration, pace }) {
    partOf(calibration, "gram", "salience");
    checkWidth(calibration!, cols, "the weight");
    const diagonal = await diagonalOf(calibration!, pace ? { pace } : {});
    if (diagonal === null || values.length === 0) return null;
    let [sum, count] = [0, 0];
    for (const s of salienceOf(values, diagonal)) sum += s;
    for (const x of values) if (x - x === 0) count++;
    return count > 0 ? sum / count : null;
  },
};
