import { describe, expect, test } from "vitest";
import type { Calibration } from "../../calibration/types.ts";
import { normalDraw } from "../../random/normal.ts";
import { distil } from "./distil.ts";
import { shareDivergence, work } from "./work.ts";

const COLS = 48;
const channels = {
  mean: Float64Array.from({ length: COLS }, (_, j) => normalDraw(1, 0, j)),
  std: Float64Array.from({ length: COLS }, (_, j) => Math.exp(normalDraw(2, 0, j))),
};

/** Mean and deviation of a channel of rows. */
function channel(rows: Float32Array, j: number): { mean: number; std: number; top: number } {
  const values = Array.from(rows).filter((_, i) => i % COLS === j);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { mean, std, top: values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) };
}

describe("distilled rows", () => {
  test.each([true, false])(
    "have the statistics that are asked for within 1 % (rows of one norm: %s)",
    async (unitRows) => {
      const { rows, error, loss } = await distil({ ...channels, unitRows }, { tokens: 64, seed: 3 });
      expect(rows.length).toBe(64 * COLS);
      for (let j = 0; j < COLS; j++) {
        const { mean, std } = channel(rows, j);
        expect(Math.abs(mean - channels.mean[j])).toBeLessThan(0.01 * channels.std[j]);
        expect(Math.abs(std / channels.std[j] - 1)).toBeLessThan(0.01);
      }
      expect(error.mean).toBeLessThan(0.01);
      expect(error.std).toBeLessThan(0.01);
      // Drawn rows alone do not have them.
      expect(Math.sqrt(loss[0])).toBeGreaterThan(0.05);
      expect(loss.at(-1)!).toBeLessThan(1e-3 * loss[0]);
    },
  );

  test("behind a norm have its norm each", async () => {
    const { rows } = await distil({ ...channels, unitRows: true }, { tokens: 64, seed: 3 });
    for (let t = 0; t < 64; t++) {
      let sum = 0;
      for (let j = 0; j < COLS; j++) sum += ((rows[t * COLS + j] - channels.mean[j]) / channels.std[j]) ** 2;
      expect(Math.sqrt(sum / COLS)).toBeCloseTo(1, 1);
    }
  });

  test("have ranges nearer to the real ones than standard normal rows", async () => {
    const real = Float32Array.from(
      { length: 256 * COLS },
      (_, i) => channels.mean[i % COLS] + channels.std[i % COLS] * normalDraw(9, 0, i),
    );
    const { rows } = await distil({ ...channels, unitRows: false }, { tokens: 256, seed: 4 });
    const normal = Float32Array.from({ length: 256 * COLS }, (_, i) => normalDraw(5, 0, i));
    let [distilled, drawn] = [0, 0];
    for (let j = 0; j < COLS; j++) {
      const wanted = Math.log(channel(real, j).top);
      distilled += Math.abs(Math.log(channel(rows, j).top) - wanted) / COLS;
      drawn += Math.abs(Math.log(channel(normal, j).top) - wanted) / COLS;
    }
    expect(distilled).toBeLessThan(0.2 * drawn);
  });

  test("are the same for the same seed, and hold a channel that is constant", async () => {
    const target = { mean: Float64Array.of(2, 0), std: Float64Array.of(0, 1), unitRows: false };
    const [a, b] = [await distil(target, { tokens: 8, seed: 1 }), await distil(target, { tokens: 8, seed: 1 })];
    expect(a).toEqual(b);
    expect([...a.rows].filter((_, i) => i % 2 === 0)).toEqual(Array(8).fill(2));
    expect((await distil(target, { tokens: 8, seed: 2 })).rows).not.toEqual(a.rows);
    await expect(distil({ ...target, std: Float64Array.of(Number.NaN, 1) }, { tokens: 8, seed: 1 })).rejects.toThrow(
      "finite mean",
    );
    await expect(distil(target, { tokens: 1, seed: 1 })).rejects.toThrow("two tokens");
    const left = new DOMException("left", "AbortError");
    const pace = async () => {
      throw left;
    };
    await expect(distil({ ...channels, unitRows: true }, { tokens: 512, seed: 1, pace })).rejects.toBe(left);
  });
});

/** The signal on rows of inputs. */
const divergence = (rows: Float32Array, values: Float32Array, results: Float32Array, cols: number) =>
  work.value({
    ...{ row0: 0, rows: values.length / cols, cols, values, results },
    calibration: { cols, rows } as Calibration,
  });

describe("divergence of a layer's outputs", () => {
  test("is that of two rows of shares", async () => {
    const [p, q] = [
      [0.5, 0.25, 0.25],
      [0.25, 0.25, 0.5],
    ].map((shares) => Float64Array.from(shares, (x) => Math.log(x) + 3));
    expect(shareDivergence(p, q)).toBeCloseTo(0.25 * Math.log(2), 12);
    expect(shareDivergence(p, p)).toBe(0);
    const weight = (of: Float64Array) => Float32Array.from([...of].flatMap((x) => [x, 7]));
    const inputs = Float32Array.of(1, 0);
    expect(await divergence(inputs, weight(p), weight(q), 2)).toBeCloseTo(0.25 * Math.log(2), 6);
    expect(await divergence(inputs, weight(p), weight(p), 2)).toBe(0);
    expect(await divergence(inputs, weight(p), weight(p).fill(Number.NaN), 2)).toBeNull();
    expect(await divergence(inputs, new Float32Array(0), new Float32Array(0), 2)).toBeNull();
  });

  test("does not rise with bits, on distilled rows", async () => {
    const { rows } = await distil({ ...channels, unitRows: true }, { tokens: 32, seed: 3 });
    const weight = Float32Array.from({ length: 32 * COLS }, (_, i) => 0.1 * normalDraw(6, 0, i));
    const top = weight.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    let before = Number.POSITIVE_INFINITY;
    for (const bits of [2, 3, 4, 5, 6, 8]) {
      const step = top / (2 ** (bits - 1) - 1);
      const results = weight.map((w) => Math.round(w / step) * step);
      const omega = (await divergence(rows, weight, results, COLS))!;
      expect(omega).toBeLessThan(before);
      before = omega;
    }
  });
});
