import { describe, expect, it } from "vitest";
import { normalValues, planOf, quantizeText } from "../../testing/matrix.ts";
import { hadamard, randomRotation } from "./rotations.ts";

const [rows, cols, n] = [48, 256, 64];
/** Rows with loud columns: what a rotation is for. */
const x = normalValues(rows * cols, 9).map((v, i) => (i % 37 === 0 ? 12 * v : v));
const run = (recipe: string, values = x) => quantizeText(recipe, values, rows, cols);
const nmse = async (recipe: string) => (await run(recipe)).report.metrics.nmse!;

describe("TurboQuant", () => {
  it("rotates by orthogonal matrices, the same for the same seed", async () => {
    for (const turn of [await randomRotation(16, 3), hadamard(16)]) {
      for (let i = 0; i < 16; i++) {
        for (let j = 0; j < 16; j++) {
          let dot = 0;
          for (let k = 0; k < 16; k++) dot += turn[i * 16 + k] * turn[j * 16 + k];
          expect(dot).toBeCloseTo(i === j ? 1 : 0, 6);
        }
      }
    }
    expect(await randomRotation(8, 1)).toEqual(await randomRotation(8, 1));
    expect(await randomRotation(8, 1)).not.toEqual(await randomRotation(8, 2));
  });

  it("loses what its theorem 1 says, whatever the data: 0.36, 0.117, 0.03, 0.009 at 1 to 4 bits", async () => {
    for (const [bits, loss] of [0.36, 0.117, 0.0345, 0.0095].entries()) {
      expect(await nmse(`turboquant(${bits + 1},n=${n})`)).toBeLessThan(1.05 * loss);
      expect(await nmse(`turboquant(${bits + 1},n=${n})`)).toBeGreaterThan(0.88 * loss);
    }
    expect(await nmse("lloyd2/64~std")).toBeGreaterThan(0.15);
  });

  it("with QJL has inner products without bias, and a larger squared error", async () => {
    const [plain, sketched] = await Promise.all(["2", "3,residual=qjl"].map((a) => run(`turboquant(${a},n=${n})`)));
    expect(sketched.report.metrics.nmse!).toBeGreaterThan(plain.report.metrics.nmse!);
    // `bias` is 1 - <x, y> / <x, x>: what every inner product with the vector itself loses.
    expect(Math.abs(sketched.report.metrics.bias!)).toBeLessThan(0.012);
    expect(plain.report.metrics.bias!).toBeGreaterThan(0.1);
    expect(sketched.report.metrics.bitsPerWeight).toBe(3 + (2 * 16) / n);
  });

  it("as deployed keeps the norm of each vector", async () => {
    const { result } = await (await run(`turboquant(2,n=${n},rotation=hadamard,norm=corrected,norms=f32)`)).rows(
      0,
      rows,
    );
    for (let v = 0; v < x.length / n; v++) {
      const norm = (y: Float32Array) => Math.sqrt(y.subarray(v * n, (v + 1) * n).reduce((s, a) => s + a * a, 0));
      expect(norm(result) / norm(x)).toBeCloseTo(1, 5);
    }
  });

  it("counts codes and norms, tells an element's, and bears zeros and NaN", async () => {
    const quantized = await run(`turboquant(3,n=${n})`);
    expect(quantized.report.metrics.bitsPerWeight).toBe(3 + 16 / n);
    expect((await quantized.inspect(2, 70)).words![0]).toEqual({
      what: "coordinate",
      value: "7 of 64, after the rotation",
    });
    const values = x.slice().fill(0, 0, 128);
    values[300] = Number.NaN;
    const { metrics } = (await run(`turboquant(3,n=${n},norm=corrected)`, values)).report;
    expect([metrics.broken, metrics.nonFinite]).toEqual([0, 1]);
  });

  it("refuses what it cannot", () => {
    expect(() => planOf("turboquant(1,residual=qjl)", 4, 128)).toThrow("give it 2 at least");
    expect(() => planOf("turboquant(n=48,rotation=hadamard)", 4, 96)).toThrow("power of two");
    expect(() => planOf("turboquant", 4, 96)).toThrow("vectors of 128 do not divide");
    expect(planOf("turboquant", 4, 128).text).toBe("turboquant(seed=0)");
  });
});
