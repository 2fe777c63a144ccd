import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../backends/backend.ts";
import { referenceBackend } from "../../backends/reference/backend.ts";
import { createWasmBackend } from "../../backends/wasm/index.ts";
import { type Calibration, startReduction } from "../../calibration/index.ts";
import { quantizeMatrix } from "../../engine/quantize.ts";
import { hasNumpy } from "../../python/run-for-test.ts";
import { matrixOf, normalValues, planOf } from "../../testing/matrix.ts";
import { inNumpy } from "../../testing/numpy.ts";

const [ROWS, COLS, TOKENS] = [32, 64, 96];
const weight = normalValues(ROWS * COLS, 11);
/** Inputs of which every ninth channel is loud, each in its own measure. */
const inputs = normalValues(TOKENS * COLS, 12).map((x, i) => ((i % COLS) % 9 === 0 ? x * (8 + (i % COLS)) : x));

async function calibrationOf(x: Float32Array): Promise<Calibration> {
  const reduction = await startReduction(COLS);
  await reduction.add(x);
  return reduction.finish({ kind: "activations", name: "X.npy", digest: "" });
}

async function run(recipe: string, x: Float32Array | null = inputs, backend: Backend = referenceBackend) {
  const quantized = await quantizeMatrix(matrixOf(weight, ROWS, COLS), planOf(recipe, ROWS, COLS), {
    ...{ backend, calibration: x && (await calibrationOf(x)), checkpoint: async () => {}, now: () => 0 },
  });
  const { result, codes } = await quantized.rows(0, ROWS);
  return { result, codes, quantized };
}

/** |X (W - result)^T|^2 */
function outputError(result: Float32Array): number {
  let sum = 0;
  for (let t = 0; t < TOKENS; t++) {
    for (let r = 0; r < ROWS; r++) {
      let apart = 0;
      for (let c = 0; c < COLS; c++) apart += inputs[t * COLS + c] * (weight[r * COLS + c] - result[r * COLS + c]);
      sum += apart * apart;
    }
  }
  return sum;
}

/** The search in NumPy: INT4, the largest magnitude over 7, blocks of 16, in float32 as the definition has it. */
const ORACLE = `
def quantize(w):
    b = w.reshape(len(w), -1, 16)
    s = np.float32(np.max(np.abs(b), axis=2, keepdims=True).astype(np.float64) / 7)
    q = np.where(s > 0, np.rint(b.astype(np.float64) / np.where(s > 0, s, 1)), 0)
    return np.float32(np.clip(q + 0.0, -7, 7) * s).reshape(w.shape)

def loss(d):
    return np.sum((x.astype(np.float64) @ d.astype(np.float64).T) ** 2)

mean = np.mean(np.abs(x.astype(np.float64)), axis=0)
best = None
for k in range(20):
    s = np.maximum(mean ** (k / 20), 1e-4)
    s = np.float32(s / np.sqrt(np.max(s) * np.min(s)))
    found = loss(w.astype(np.float64) - np.float32(quantize(w * s) / s))
    if best is None or found < best[0]:
        best = (found, s, np.full((1, 1), k / 20))
s, ratio = best[1].reshape(1, -1), best[2]
scaled = w * s
full = np.max(np.abs(scaled.reshape(len(w), -1, 16)), axis=2)
ends, least = full.copy(), np.full(full.shape, np.inf)
grouped = x.astype(np.float64).reshape(len(x), -1, 16)
for i in range(10):
    tried = np.float32(full.astype(np.float64) * (1 - i / 20))
    wide = np.repeat(tried, 16, axis=1)
    back = np.float32(quantize(np.clip(scaled, -wide, wide)) / s)
    d = (w.astype(np.float64) - back).reshape(len(w), -1, 16)
    error = np.sum(np.einsum("tgi,rgi->trg", grouped, d) ** 2, axis=0)
    better = error < least
    least, ends = np.where(better, error, least), np.where(better, tried, ends)
wide = np.repeat(ends, 16, axis=1)
plain = np.float32(quantize(scaled) / s)
cut = np.float32(quantize(np.clip(scaled, -wide, wide)) / s)
`;

describe("AWQ", () => {
  let oracle: Record<string, Float64Array>;
  beforeAll(() => {
    if (!hasNumpy()) return;
    const given = {
      w: { rows: ROWS, cols: COLS, values: weight },
      x: { rows: TOKENS, cols: COLS, values: inputs },
    };
    oracle = inNumpy(ORACLE, given, ["plain", "cut", "ratio"]);
  });

  it.skipIf(!hasNumpy())("gives NumPy's results (needs python3 with numpy)", async () => {
    const { result } = await run("awq+int4/16");
    expect(Array.from(result)).toEqual(Array.from(oracle.plain));
    expect(oracle.ratio[0]).toBeGreaterThan(0);
  });

  it.skipIf(!hasNumpy())("cuts ranges as NumPy does (needs python3 with numpy)", async () => {
    const { result } = await run("awq(clip=16)+int4/16");
    expect(Array.from(result)).toEqual(Array.from(oracle.cut));
  });

  it("lowers the error of outputs, and cutting lowers it further", async () => {
    const [plain, scaled, cut] = [await run("int4/16"), await run("awq+int4/16"), await run("awq(clip=16)+int4/16")];
    expect(outputError(scaled.result)).toBeLessThan(0.8 * outputError(plain.result));
    expect(outputError(cut.result)).toBeLessThan(outputError(scaled.result));
    expect(scaled.quantized.report.metrics.bitsPerWeight).toBe(plain.quantized.report.metrics.bitsPerWeight);
  });

  it("gives the same codes on wasm", async () => {
    const wasm = await createWasmBackend();
    for (const recipe of ["awq+int4/16", "awq(5,clip=32)+nvfp4", "awq+rht(16,seed=1)+mxfp4", "awq(3)+vq(4,16)"]) {
      const [own, other] = [await run(recipe), await run(recipe, inputs, wasm)];
      expect(other.codes).toEqual(own.codes);
      expect(other.result).toEqual(own.result);
    }
  });

  it("finds nothing better where all inputs are alike, and then is the plain recipe", async () => {
    const alike = new Float32Array(TOKENS * COLS).map((_, i) => (i % 2 ? 1 : -1));
    const [plain, scaled] = [await run("int4/16", null), await run("awq+int4/16", alike)];
    expect(scaled.result).toEqual(plain.result);
  });

  it("says what it misses, and what cannot stand behind it", async () => {
    await expect(run("awq+int4/16", null)).rejects.toThrow("awq needs a calibration: whole rows of activations");
    await expect(run("awq+smooth+int4/16")).rejects.toThrow(
      "awq searches with all that stands right of it, and smooth there needs a calibration itself: write smooth before awq",
    );
    expect(() => planOf("awq(clip=24)+int4/16", 2, 64)).toThrow(
      "awq cuts groups of 24 columns, which do not divide the rows of 64 elements",
    );
  });
});
