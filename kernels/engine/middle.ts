/** Inputs from which steps take something: where zero lies behind them, and the bias that the outputs get for it. */
import type { Dual } from "../calibration/dual.ts";
import { largestNeed } from "../calibration/needs.ts";
import type { Calibration } from "../calibration/types.ts";
import { dense } from "../linalg/dense.ts";
import type { Run } from "../linalg/run.ts";
import type { Matrix, PlannedStep } from "../steps/step.ts";
import type { Layer } from "./layers.ts";

const shifts = (dual: Dual | null | undefined): boolean => dual?.kind === "channels" && dual.shift !== undefined;

/**
 * The inputs that are zero behind all layers, at the place where the recipe began; null where none takes anything off them. The weight
 * meets x less these.
 */
export async function middleOfInputs(layers: readonly Layer[], cols: number, run: Run): Promise<Float64Array | null> {
  // Behind the last of them zero is zero. Before it, every step says what becomes of inputs: it would not have fitted otherwise.
  const last = layers.findLastIndex(({ dual }) => shifts(dual));
  if (last < 0) return null;
  const { undoDual } = await import("../calibration/undo.ts");
  let inputs = dense(1, cols);
  for (const { dual } of layers.slice(0, last + 1).toReversed()) {
    if (dual) inputs = await undoDual(inputs, dual, run);
  }
  return inputs.values;
}

/** What is known of the inputs less their middle, as far as these corrections need it. Throws RecipeError where it cannot be known. */
export async function aroundMiddle(
  calibration: Calibration | null,
  middle: Float64Array | null,
  corrections: readonly PlannedStep[],
  run: Run,
): Promise<Calibration | null> {
  if (!calibration || !middle) return calibration;
  const { throughDual } = await import("../calibration/dual.ts");
  const need = largestNeed(corrections.map(({ needs }) => needs.calibration));
  return throughDual(calibration, { kind: "channels", from: null, factor: null, shift: middle }, need, "smooth", run);
}

/** What each output gets beside Q x where its inputs lose b: the bias W b, stored in float32, less Q b. */
export function middleAtOutputs(original: Matrix, result: Matrix, middle: Float64Array): Float64Array {
  const { rows, cols } = original;
  return Float64Array.from({ length: rows }, (_, r) => {
    let [bias, found] = [0, 0];
    for (let c = 0, i = r * cols; c < cols; c++, i++) {
      const [w, q] = [original.values[i], result.values[i]];
      // As no other figure of outputs does, this holds nothing of values that are missing.
      if (w - w !== 0 || q - q !== 0) continue;
      bias += w * middle[c];
      found += q * middle[c];
    }
    return Math.fround(bias) - found;
  });
}
