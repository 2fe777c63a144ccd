import { describe, expect, it } from "vitest";
import { startReduction } from "../../calibration/index.ts";
import { quantizeMatrix } from "../../engine/quantize.ts";
import { hasNumpy } from "../../python/run-for-test.ts";
import { matrixOf, normalValues, planOf } from "../../testing/matrix.ts";
import { inNumpy } from "../../testing/numpy.ts";
import type { StepJob } from "../step.ts";
import { work } from "./work.ts";

const source = { kind: "activations", name: "X.npy", digest: "" } as const;

async function calibrationOf(x: Float32Array, cols: number) {
  const reduction = await startReduction(cols);
  await reduction.add(x);
  return reduction.finish(source);
}

const jobWith = async (x: Float32Array, cols: number) =>
  ({ checkpoint: async () => {}, calibration: await calibrationOf(x, cols) }) as unknown as StepJob;

/** Inputs of which a few channels are sixty times as loud. */
const loudInputs = (tokens: number, cols: number, seed: number) =>
  normalValues(tokens * cols, seed).map((x, i) => (i % cols < 4 ? 60 * x : x));

const ORACLE = `
x_range = np.max(np.abs(x), axis=0) if pct[0, 0] == 100 else np.percentile(np.abs(x).astype(np.float64), pct[0, 0], axis=0)
w_range = np.max(np.abs(w), axis=0)
s = np.clip(np.clip(x_range, 1e-5, None).astype(np.float64) ** a[0, 0] / np.clip(w_range, 1e-5, None).astype(np.float64) ** (1 - a[0, 0]), 1e-5, None)
`;

describe("SmoothQuant's factors", () => {
  const cases = [
    [0.5, 100],
    [0.85, 100],
    [0, 100],
    [1, 100],
    [0.5, 99],
  ];
  for (const [alpha, pct] of cases) {
    it.skipIf(!hasNumpy())(
      `are NumPy's for alpha ${alpha} and the ${pct}th percentile (needs python3 with numpy)`,
      async () => {
        const [rows, cols, tokens] = [24, 40, 100];
        const [w, x] = [normalValues(rows * cols, 1), loudInputs(tokens, cols, 2)];
        const fitted = await work.fit({ alpha, pct, by: "plain" }, { rows, cols, values: w }, await jobWith(x, cols));
        const one = (value: number) => ({ rows: 1, cols: 1, values: Float64Array.of(value) });
        const given = {
          w: { rows, cols, values: w },
          x: { rows: tokens, cols, values: x },
          a: one(alpha),
          pct: one(pct),
        };
        const { s } = inNumpy(ORACLE, given, ["s"]);
        fitted.factors.forEach((factor, c) => {
          expect(Math.abs(factor / s[c] - 1)).toBeLessThan(2e-7);
        });
      },
    );
  }

  it("keep products with inputs what they are, and leave an empty column alone", async () => {
    const [rows, cols, tokens] = [3, 16, 20];
    const [w, x] = [normalValues(rows * cols, 3), loudInputs(tokens, cols, 4)];
    for (let r = 0; r < rows; r++) w[r * cols + 5] = 0;
    const fitted = await work.fit(
      { alpha: 0.5, pct: 100, by: "plain" },
      { rows, cols, values: w },
      await jobWith(x, cols),
    );
    expect(fitted.factors[5]).toBe(1);
    const moved = work.forward(fitted, { row0: 0, rows, cols, values: w });
    const dual = work.dual!(fitted);
    if (dual.kind !== "channels") throw new Error("factors work on channels");
    for (let r = 0; r < rows; r++) {
      let [before, behind] = [0, 0];
      for (let c = 0; c < cols; c++) {
        before += w[r * cols + c] * x[c];
        behind += moved[r * cols + c] * (x[c] * dual.factor![c]);
      }
      expect(Math.abs(before - behind)).toBeLessThan(1e-5 * Math.max(1, Math.abs(before)));
    }
  });
});

describe("smooth in a recipe", () => {
  const run = async (recipe: string, calibration: Awaited<ReturnType<typeof calibrationOf>> | null) => {
    const [rows, cols] = [8, 32];
    const w = normalValues(rows * cols, 5);
    const options = { backend: (await import("../../backends/reference/backend.ts")).referenceBackend };
    return quantizeMatrix(matrixOf(w, rows, cols), planOf(recipe, rows, cols), {
      ...{ ...options, calibration, checkpoint: async () => {}, now: () => 0 },
    });
  };

  it("asks for a calibration where there is none, and for whole rows where it takes percentiles", async () => {
    await expect(run("smooth(0.5)+int4/row", null)).rejects.toThrow("smooth needs a calibration");
    const known = await calibrationOf(loudInputs(30, 32, 6), 32);
    await expect(run("smooth(0.5,pct=99)+int4/row", { ...known, rows: null })).rejects.toThrow(
      "smooth needs whole rows of activations, and X.npy has none",
    );
  });

  it("stores nothing, and comes back", async () => {
    const known = await calibrationOf(loudInputs(30, 32, 6), 32);
    const { report } = await run("smooth+f32", known);
    expect(report.recipe).toBe("smooth+f32");
    expect(report.metrics.bitsPerWeight).toBe(32);
    expect(report.metrics.nmse!).toBeLessThan(1e-13);
  });
});
