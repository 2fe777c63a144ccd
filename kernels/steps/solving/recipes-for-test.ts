/** Recipes with a solver, over calibrations made of inputs at hand. */
import { referenceBackend } from "../../backends/reference/backend.ts";
import type { Calibration } from "../../calibration/index.ts";
import { quantizeMatrix } from "../../engine/quantize.ts";
import { dense } from "../../linalg/index.ts";
import { matrixOf, normalValues, planOf } from "../../testing/matrix.ts";

const NOTHING = { mean: null, meanAbs: null, meanSquare: null, min: null, max: null, quantiles: null };

/** A calibration of these inputs, tokens x cols, in float64: its Gram matrix, and its cross moment with inputs before. */
export function calibrationOf(inputs: ArrayLike<number>, cols: number, before?: ArrayLike<number>): Calibration {
  const tokens = inputs.length / cols;
  const moment = (left: ArrayLike<number>) => {
    const sum = dense(cols, cols);
    for (let t = 0; t < tokens; t++) {
      for (let i = 0; i < cols; i++) {
        for (let j = 0; j < cols; j++) sum.values[i * cols + j] += left[t * cols + i] * inputs[t * cols + j];
      }
    }
    return sum;
  };
  const mean = new Float64Array(cols);
  for (let i = 0; i < inputs.length; i++) mean[i % cols] += inputs[i] / tokens;
  const source = { kind: "activations", name: "inputs", digest: "" } as const;
  return {
    ...{ cols, tokens, leftOut: 0, ...NOTHING, mean, rows: Float32Array.from(inputs) },
    ...{ gram: moment(inputs), cross: before ? moment(before) : null, output: null, source, notes: [] },
  };
}

/** What a recipe makes of a matrix under a calibration. */
export async function solve(
  recipe: string,
  values: ArrayLike<number>,
  cols: number,
  calibration: Calibration | null,
  checkpoint: () => Promise<void> = async () => {},
) {
  const rows = values.length / cols;
  const source = matrixOf(Float32Array.from(values), rows, cols);
  const plan = planOf(recipe, rows, cols);
  const quantized = await quantizeMatrix(source, plan, {
    backend: referenceBackend,
    calibration,
    checkpoint,
    now: () => 0,
  });
  const { codes, result } = await quantized.rows(0, rows);
  return { quantized, codes: codes!, result, report: quantized.report };
}

/** 1/2 tr(dW H dW^T) with H = (2 / tokens) X^T X + damping I. */
export function lossOf(
  original: ArrayLike<number>,
  result: ArrayLike<number>,
  { gram, tokens, cols }: Calibration,
  damp = 0,
): number {
  const h = gram!.values.map((x) => (2 / tokens!) * x);
  let mean = 0;
  for (let i = 0; i < cols; i++) mean += h[i * cols + i] / cols;
  for (let i = 0; i < cols; i++) h[i * cols + i] += damp * mean;
  let loss = 0;
  for (let row = 0; row < original.length; row += cols) {
    for (let i = 0; i < cols; i++) {
      const e = original[row + i] - result[row + i];
      for (let j = 0; j < cols; j++) loss += (e * h[i * cols + j] * (original[row + j] - result[row + j])) / 2;
    }
  }
  return loss;
}

/** Inputs whose channels follow each other, some of them loud. */
export function correlated(tokens: number, cols: number, seed: number): Float64Array {
  const x = Float64Array.from(normalValues(tokens * cols + 1, seed).subarray(0, tokens * cols));
  for (let t = 0; t < tokens; t++) {
    for (let c = 1; c < cols; c++) x[t * cols + c] += 0.8 * x[t * cols + c - 1] * (c % 7 === 0 ? 3 : 1);
  }
  return x;
}
