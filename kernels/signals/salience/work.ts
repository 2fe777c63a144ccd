import { partOf } from "../../calibration/needs.ts";
import type { Calibration } from "../../calibration/types.ts";
import { LinalgError } from "../../linalg/index.ts";
import type { TensorSignal } from "../signal.ts";
import { inverseDiagonal, salienceOf } from "./salience.ts";

const known = new WeakMap<Calibration, Promise<Float64Array | null>>();

/** Remembers the diagonal: rows of a tensor come in pieces. Null where there is no inverse. */
function diagonalOf(calibration: Calibration): Promise<Float64Array | null> {
  const found = known.get(calibration);
  if (found) return found;
  const made = inverseDiagonal(partOf(calibration, "gram", "salience"), calibration.tokens).catch((error) => {
    if (error instanceof LinalgError) return null;
    throw error;
  });
  known.set(calibration, made);
  return made;
}

export const work: TensorSignal = {
  of: "tensor",
  async value({ values, calibration }) {
    partOf(calibration, "gram", "salience");
    const diagonal = await diagonalOf(calibration!);
    if (diagonal === null || values.length === 0) return null;
    let [sum, count] = [0, 0];
    for (const s of salienceOf(values, diagonal)) sum += s;
    for (const x of values) if (x - x === 0) count++;
    return count > 0 ? sum / count : null;
  },
};
