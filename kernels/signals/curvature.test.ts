import { describe, expect, it } from "vitest";
import { topEigenvalue } from "./eigenvalue/power.ts";
import { augmented, largestPrefix } from "./interaction/pairs.ts";
import { hutchinson, rademacher, TraceSamples } from "./trace/hutchinson.ts";

const diagonal = (values: number[]) => async (v: Float64Array) => v.map((x, i) => x * values[i]);

describe("the top eigenvalue", () => {
  it("is the one of largest magnitude, with its sign and vector", async () => {
    const found = await topEigenvalue(3, diagonal([1, -5, 2]), { seed: 1, tolerance: 1e-9 });
    expect(found).toMatchObject({ settled: true });
    expect(found.value).toBeCloseTo(-5, 6);
    expect(Math.abs(found.vector[1])).toBeCloseTo(1, 3);
    expect(found.residual).toBeLessThan(1e-3);
  });

  it("of nothing is zero, of what is not finite none, and what has not settled says so", async () => {
    expect(await topEigenvalue(3, diagonal([0, 0, 0]), { seed: 1 })).toMatchObject({ value: 0, settled: true });
    expect(await topEigenvalue(2, diagonal([Number.NaN, 1]), { seed: 1 })).toMatchObject({
      value: Number.NaN,
      settled: false,
    });
    const close = await topEigenvalue(2, diagonal([1, 0.9]), { seed: 1, most: 4, tolerance: 1e-6 });
    expect(close).toMatchObject({ settled: false, products: 4 });
    expect(close.residual).toBeGreaterThan(1e-3);
  });
});

describe("Hutchinson's trace", () => {
  it("has signs that are half of them positive, others for each sample and part", () => {
    const [a, b, c] = [rademacher(4096, 1, 0), rademacher(4096, 1, 1), rademacher(4096, 1, 0, 1)];
    for (const z of [a, b, c]) {
      expect(z.every((x) => Math.abs(x) === 1)).toBe(true);
      expect(Math.abs(z.reduce((x, y) => x + y))).toBeLessThan(4 * 64);
    }
    const product = (x: Float32Array, y: Float32Array) => Math.abs(x.reduce((sum, one, i) => sum + one * y[i], 0));
    expect(product(a, b)).toBeLessThan(4 * 64);
    expect(product(a, c)).toBeLessThan(4 * 64);
  });

  it("goes on until the mean settles, and gives its standard error", async () => {
    const swap = async (v: Float64Array) => Float64Array.of(3 * v[0] + v[1], v[0] + 3 * v[1]);
    const found = await hutchinson(2, swap, { seed: 2, tolerance: 1e-3 });
    expect(found.settled).toBe(true);
    expect(found.samples).toBeGreaterThan(10);
    expect(Math.abs(found.value - 6)).toBeLessThan(4 * found.error!);
    const several = async ([x, y, z]: Float64Array) => Float64Array.of(y + 2 * z, x + 4 * z, 2 * x + 4 * y);
    const short = await hutchinson(3, several, { seed: 1, tolerance: 0, least: 5, most: 5 });
    expect(short).toMatchObject({ settled: false, samples: 5 });
    const samples = new TraceSamples(1e-3, 1);
    for (const x of [1, 2, 6]) samples.add(x);
    expect(samples.trace.value).toBeCloseTo(3, 12);
    expect(samples.trace.error).toBeCloseTo(Math.sqrt(7 / 3), 12);
  });
});

describe("interactions", () => {
  it("are what a pair loses beyond its two, and move the scores of both", () => {
    const { interactions, scores } = augmented([3, 9, 9, 5], 1);
    expect([...interactions]).toEqual([0, 2, 2, 0]);
    expect([...scores]).toEqual([4, 6]);
    const missing = augmented([3, Number.NaN, Number.NaN, 5], 1);
    expect([...missing.scores]).toEqual([Number.NaN, Number.NaN]);
    expect(() => augmented([1, 2, 3], 0)).toThrow(RangeError);
  });

  it("bisect to the longest prefix that holds", async () => {
    expect(await largestPrefix(0, async () => true)).toEqual({ length: 0, tried: [] });
    const { length, tried } = await largestPrefix(10, async (k) => k <= 7);
    expect(length).toBe(7);
    expect(tried.find((one) => one.length === 8)).toEqual({ length: 8, holds: false });
  });
});
