import { describe, expect, it } from "vitest";
import { startReduction } from "../../calibration/index.ts";
import { normalValues, quantizeText } from "../../testing/matrix.ts";
import type { SideTensor, StepJob } from "../step.ts";
import { work } from "./work.ts";

const store = async (
  name: string,
  matrix: { rows: number; cols: number; values: Float32Array },
): Promise<SideTensor> => ({
  ...{ ...matrix, name, recipe: "f32", bits: 32 * matrix.values.length },
});

/** Rows whose channels hang together: a few directions carry nearly everything. */
function correlated(rows: number, cols: number, seed: number): Float32Array {
  const [parts, mix] = [normalValues(rows * 3, seed), normalValues(3 * cols, seed + 1)];
  const noise = normalValues(rows * cols, seed + 2);
  return Float32Array.from({ length: rows * cols }, (_, i) => {
    const [r, c] = [Math.floor(i / cols), i % cols];
    let sum = 0.05 * noise[i];
    for (let k = 0; k < 3; k++) sum += parts[3 * r + k] * mix[k * cols + c];
    return sum;
  });
}

describe("principal axes", () => {
  it("gather the energy of the weight in the first columns, and come back to a millionth", async () => {
    const [rows, cols] = [40, 24];
    const values = correlated(rows, cols, 1);
    const job = { checkpoint: async () => {}, store, calibration: null } as unknown as StepJob;
    const fitted = await work.fit({ by: "weights", basis: null! }, { rows, cols, values }, job);
    const y = work.forward(fitted, { row0: 0, rows, cols, values });
    const energy = (x: Float32Array, first: number) => x.reduce((s, v, i) => s + (i % cols < first ? v * v : 0), 0);
    expect(energy(y, cols) / energy(values, cols)).toBeCloseTo(1, 5);
    expect(energy(y, 3) / energy(y, cols)).toBeGreaterThan(0.97);
    const back = work.inverse(fitted, { row0: 0, rows, cols, values: y });
    const amax = values.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    back.forEach((v, i) => {
      expect(Math.abs(v - values[i])).toBeLessThan(1e-6 * amax);
    });
  });

  it("of the inputs diagonalize their Gram matrix", async () => {
    const [tokens, cols] = [60, 16];
    const x = correlated(tokens, cols, 5);
    const reduction = await startReduction(cols);
    await reduction.add(x);
    const calibration = await reduction.finish({ kind: "activations", name: "X.npy", digest: "" });
    const job = { checkpoint: async () => {}, store, calibration } as unknown as StepJob;
    const fitted = await work.fit(
      { by: "inputs", basis: null! },
      { rows: 2, cols, values: normalValues(2 * cols, 9) },
      job,
    );
    const dual = work.dual!(fitted);
    if (dual.kind !== "dense") throw new Error("a basis is dense");
    const turned = Float64Array.from({ length: tokens * cols }, (_, i) => {
      const [t, k] = [Math.floor(i / cols), i % cols];
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += x[t * cols + c] * dual.matrix.values[c * cols + k];
      return sum;
    });
    const gram = (a: number, b: number) => {
      let sum = 0;
      for (let t = 0; t < tokens; t++) sum += turned[t * cols + a] * turned[t * cols + b];
      return sum;
    };
    for (let a = 1; a < cols; a++) {
      expect(gram(a, a)).toBeLessThanOrEqual(gram(a - 1, a - 1) * (1 + 1e-6));
      expect(Math.abs(gram(a, a - 1))).toBeLessThan(1e-5 * gram(0, 0));
    }
  });

  it("count their basis, and keep rows with NaN as they are", async () => {
    const x = correlated(8, 16, 3);
    x[20] = Number.NaN;
    const { report, rows } = await quantizeText("pca(weights)+f32", x, 8, 16);
    expect(report.metrics.bitsPerWeight).toBeCloseTo(32 + (32 * 16 * 16) / (8 * 16), 9);
    expect((await rows(1, 2)).result).toEqual(x.subarray(16, 32));
    await expect(quantizeText("pca+int4/16", x, 8, 16)).rejects.toThrow("pca needs a calibration");
  });
});
