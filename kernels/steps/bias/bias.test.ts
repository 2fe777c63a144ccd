import { expect, it } from "vitest";
import { referenceBackend } from "../../backends/reference/backend.ts";
import { quantizeMatrix } from "../../engine/quantize.ts";
import { parseRecipe } from "../../notation/index.ts";
import { matrixOf, normalValues, planOf } from "../../testing/matrix.ts";
import { calibrationOf, correlated, solve } from "../solving/recipes-for-test.ts";

const [rows, cols, tokens] = [10, 24, 90];
const w = normalValues(rows * cols, 3);
/** Inputs that are far from zero on average. */
const x = correlated(tokens, cols, 4).map((v, i) => v + (i % cols) / 4);
const calibration = calibrationOf(x, cols);

/** |X (W - Q)^T - b|^2 / |X W^T|^2, token by token, with the b that is best for the mean; or none. */
function written(result: Float32Array, corrected: boolean): number {
  let [error, signal] = [0, 0];
  for (let r = 0; r < rows; r++) {
    const outputs = Array.from({ length: tokens }, (_, t) => {
      let [e, y] = [0, 0];
      for (let c = 0; c < cols; c++) {
        e += (w[r * cols + c] - result[r * cols + c]) * x[t * cols + c];
        y += w[r * cols + c] * x[t * cols + c];
      }
      signal += y * y;
      return e;
    });
    const mean = corrected ? outputs.reduce((sum, e) => sum + e, 0) / tokens : 0;
    for (const e of outputs) error += (e - mean) ** 2;
  }
  return error / signal;
}

it("takes the mean off the outputs' error, leaves the weights as they are, and is counted", async () => {
  const [plain, mended] = [
    await solve("int3/8", w, cols, calibration),
    await solve("int3/8+bias(values=f32)", w, cols, calibration),
  ];
  expect([mended.result, mended.codes]).toEqual([plain.result, plain.codes]);
  expect(plain.report.metrics.outputNmse! / written(plain.result, false)).toBeCloseTo(1, 9);
  expect(mended.report.metrics.outputNmse! / written(plain.result, true)).toBeCloseTo(1, 6);
  expect(mended.report.metrics.outputNmse!).toBeLessThan(0.9 * plain.report.metrics.outputNmse!);
  expect(mended.report.metrics.bitsPerWeight - plain.report.metrics.bitsPerWeight).toBeCloseTo(32 / cols, 12);
  expect(mended.report.metrics.bitsBreakdown.at(-1)!.what).toBe("bias of 10 outputs (f32)");
  const half = await solve("int3/8+bias", w, cols, calibration);
  expect(half.report.metrics.bitsPerWeight - plain.report.metrics.bitsPerWeight).toBeCloseTo(16 / cols, 12);
});

it("counts for quantized activations, too", async () => {
  const run = (recipe: string) =>
    quantizeMatrix(matrixOf(w, rows, cols), planOf(recipe, rows, cols), {
      ...{ backend: referenceBackend, calibration, checkpoint: async () => {}, now: () => 0 },
      activations: { recipe: parseRecipe("int8/row"), definitions: [], scales: "dynamic" },
    });
  const [plain, mended] = [(await run("int3/8")).report, (await run("int3/8+bias")).report];
  expect(mended.activations!.weightOnly!).toBeLessThan(0.9 * plain.activations!.weightOnly!);
  expect(mended.activations!.joint!).toBeLessThan(0.9 * plain.activations!.joint!);
  expect(mended.activations!.activationOnly!).toBe(plain.activations!.activationOnly!);
});

it("says what it misses", async () => {
  await expect(solve("int3/8+bias", w, cols, null)).rejects.toThrow("bias needs");
  await expect(
    solve("int3/8+bias", w, cols, { ...calibration, mean: null, meanSquare: new Float64Array(cols) }),
  ).rejects.toThrow("the mean of each input channel");
});
