import { describe, expect, it } from "vitest";
import type { Backend } from "../backends/backend.ts";
import { referenceBackend } from "../backends/reference/backend.ts";
import { createWasmBackend } from "../backends/wasm/index.ts";
import { startReduction } from "../calibration/reduce.ts";
import type { Calibration } from "../calibration/types.ts";
import { matrixOf, normalValues, planOf } from "../testing/matrix.ts";
import { quantizeMatrix } from "./quantize.ts";

const cols = 24;
const x = normalValues(60 * cols, 9).map((v, i) => (i % cols === 5 ? 30 * v : v));

async function calibrationOf(tokens: Float32Array): Promise<Calibration> {
  const reduction = await startReduction(cols);
  await reduction.add(tokens);
  return reduction.finish({ kind: "activations", name: "X.npy", digest: "abc" });
}

const quantize = (
  recipe: string,
  w: Float32Array,
  calibration: Calibration | null,
  backend: Backend = referenceBackend,
) => {
  const rows = w.length / cols;
  const options = { backend, calibration, checkpoint: async () => {}, now: () => 0 };
  return quantizeMatrix(matrixOf(w, rows, cols), planOf(recipe, rows, cols), options);
};

/** |X (W - Q)^T|^2 / |X W^T|^2 token by token, over the elements whose value and result are finite. */
function written(w: Float32Array, q: Float32Array): number {
  let [error, signal] = [0, 0];
  for (let t = 0; t < x.length; t += cols) {
    for (let r = 0; r < w.length; r += cols) {
      let [e, s] = [0, 0];
      for (let c = 0; c < cols; c++) {
        if (!Number.isFinite(w[r + c]) || !Number.isFinite(q[r + c])) continue;
        e += (w[r + c] - q[r + c]) * x[t + c];
        s += w[r + c] * x[t + c];
      }
      error += e * e;
      signal += s * s;
    }
  }
  return error / signal;
}

describe("the error of outputs", () => {
  it.each(["int4/8:f16", "ht(8)+int4/8", "perm+int4/8", "int4/16+lowrank(2)", "vq(dim=2,k=16)"])(
    "is that of the outputs themselves: %s",
    async (recipe) => {
      const w = normalValues(700 * cols, 1);
      const { report, rows } = await quantize(recipe, w, await calibrationOf(x));
      const { result } = await rows(0, 700);
      expect(Math.abs(report.metrics.outputNmse! / written(w, result) - 1)).toBeLessThan(1e-9);
      expect(report.calibration).toEqual({ kind: "activations", name: "X.npy", digest: "abc", tokens: 60 });
    },
  );

  it("has the same bits on every processor's backend", async () => {
    const [w, known] = [normalValues(600 * cols, 2), await calibrationOf(x)];
    const wasm = await createWasmBackend();
    const [one, other] = [await quantize("nf4/8", w, known), await quantize("nf4/8", w, known, wasm)];
    expect(other.report.metrics.outputNmse).toBe(one.report.metrics.outputNmse);
  });

  it("leaves out what every other figure leaves out", async () => {
    const w = normalValues(6 * cols, 3);
    w[4] = Number.NaN;
    w[50] = Number.NEGATIVE_INFINITY;
    w[70] = 1e30;
    const known = await calibrationOf(x);
    for (const recipe of ["int4/8", "f16(sat=inf)"]) {
      const { report, rows } = await quantize(recipe, w, known);
      const { result } = await rows(0, 6);
      expect(Math.abs(report.metrics.outputNmse! / written(w, result) - 1)).toBeLessThan(1e-9);
      expect(report.metrics.broken).toBe(recipe === "int4/8" ? 0 : 1);
    }
  });

  it("is zero where nothing is lost, and null where the outputs are", async () => {
    const known = await calibrationOf(x);
    expect((await quantize("f32", normalValues(2 * cols), known)).report.metrics.outputNmse).toBe(0);
    expect((await quantize("int4/8", new Float32Array(cols), known)).report.metrics.outputNmse).toBeNull();
  });

  it("is absent without a calibration, or with one that does not tell, which is said", async () => {
    const w = normalValues(2 * cols);
    const { report } = await quantize("int4/8", w, null);
    expect("outputNmse" in report.metrics).toBe(false);
    expect(report.calibration).toBeUndefined();
    const channels = await quantize("int4/8", w, { ...(await calibrationOf(x)), gram: null });
    expect("outputNmse" in channels.report.metrics).toBe(false);
    expect(channels.report.notes).toEqual(["X.npy has no Gram matrix: there is no output error"]);
  });

  it("is not measured against inputs of another width", async () => {
    const known = { ...(await calibrationOf(x)), cols: 32 };
    await expect(quantize("int4/8", normalValues(cols), known)).rejects.toThrow(
      "X.npy is of inputs with 32 channels, and matrix takes 24",
    );
  });
});
