import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exp, ln, normalQuantile } from "../../kernels/exact/elementary.ts";
import { svd } from "../../kernels/linalg/index.ts";
import { summarize } from "../tensors/summary.ts";
import { generate, generatorInfos } from "./generators.ts";
import type { GeneratorSpec } from "./spec.ts";

const spec = (name: string, more: Partial<GeneratorSpec> = {}): GeneratorSpec => ({
  name,
  rows: 1024,
  cols: 1024,
  seed: 1,
  params: {},
  ...more,
});
const N = 2 ** 20;
const values = (name: string, more: Partial<GeneratorSpec> = {}) => generate(spec(name, more)).read(0, N);
const sha = (data: Float32Array) => createHash("sha256").update(data).digest("hex");
const share = (data: Float32Array, test: (x: number) => boolean) => data.filter(test).length / data.length;

describe("elementary functions", () => {
  test("ln and exp are within 4 units in the last place of the engine's", () => {
    const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
    fc.assert(
      fc.property(
        positive,
        (x) => Math.abs(ln(x) - Math.log(x)) <= 4 * 2 ** -53 * Math.max(Math.abs(Math.log(x)), 2 ** -10),
      ),
      {
        numRuns: 5000,
      },
    );
    fc.assert(
      fc.property(fc.double({ min: -690, max: 690, noNaN: true }), (x) => Math.abs(exp(x) / Math.exp(x) - 1) < 1e-13),
      {
        numRuns: 5000,
      },
    );
  });
  test("the normal quantile has the published values", () => {
    // Wichura's own check values, and the usual two-sided points.
    expect(normalQuantile(0.25)).toBeCloseTo(-0.6744897501960817, 14);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167814, 13);
    expect(normalQuantile(1e-20)).toBeCloseTo(-9.26234008979841, 12);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13);
  });
});

describe("every generator", () => {
  test.each(generatorInfos.map((g) => [g.name, g] as const))(
    "%s: any range gives the values of the whole",
    async (name, info) => {
      const tensor = generate(spec(name, { rows: 7, cols: 100, seed: info.defaults.seed }));
      const whole = await tensor.read(0, 700);
      for (const [begin, end] of [
        [0, 1],
        [95, 105],
        [333, 700],
        [699, 700],
      ]) {
        expect(await tensor.read(begin, end)).toEqual(whole.subarray(begin, end));
      }
      expect(whole.every(Number.isFinite)).toBe(true);
    },
  );
  test("the values do not change from version to version", async () => {
    const digests = await Promise.all(
      generatorInfos.map(async ({ name }) => [name, sha(await generate(spec(name)).read(5000, 9096)).slice(0, 16)]),
    );
    expect(Object.fromEntries(digests)).toMatchInlineSnapshot(`
      {
        "correlated": "030db84685dd7bed",
        "gains": "5c4a00554dac62fb",
        "laplace": "2cffff5911054295",
        "lcg": "d7669d0f55ee85b1",
        "lognormal": "54f20d47bd1020bd",
        "normal": "6498d0d4d67bb57d",
        "outliers": "0a05e5e97bebf5aa",
        "planted": "e410dc8b8ebbf1d2",
        "spectrum": "8e6959b19c289ddb",
        "student": "b609c1f4b6b9bf07",
        "uniform": "3323a271fcc5b9d9",
      }
    `);
  });
  test("indices beyond 2^32 have values of their own", async () => {
    const tensor = generate(spec("normal", { rows: 2 ** 14, cols: 2 ** 20 }));
    expect(await tensor.read(2 ** 33, 2 ** 33 + 4)).not.toEqual(await tensor.read(0, 4));
  });
});

describe("the normal generator", () => {
  test("moments within five standard errors", async () => {
    const s = await summarize(generate(spec("normal")), async () => {});
    expect(Math.abs(s.mean)).toBeLessThan(5 / Math.sqrt(N));
    expect(Math.abs(s.std - 1)).toBeLessThan(5 / Math.sqrt(2 * N));
    expect(Math.abs((s.kurtosis as number) - 3)).toBeLessThan(5 * Math.sqrt(24 / N));
  });
  test("tails beyond 3 and 4 sigma", async () => {
    const x = await values("normal");
    for (const [z, p] of [
      [3, 2.699796063260189e-3],
      [4, 6.334248366623996e-5],
    ]) {
      expect(Math.abs(share(x, (v) => Math.abs(v) > z) - p)).toBeLessThan(5 * Math.sqrt(p / N));
    }
  });
  test("chi-square over 256 cells of equal probability", async () => {
    const x = await values("normal");
    const edges = Array.from({ length: 255 }, (_, i) => normalQuantile((i + 1) / 256));
    const counts = new Array<number>(256).fill(0);
    for (const v of x) {
      let [lo, hi] = [0, 255];
      while (lo < hi) {
        const mid = (lo + hi) >> 1;
        if (v < edges[mid]) hi = mid;
        else lo = mid + 1;
      }
      counts[lo]++;
    }
    const expected = N / 256;
    const chi = counts.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
    // 255 degrees of freedom: mean 255, standard deviation 22.6.
    expect(chi).toBeGreaterThan(255 - 4 * 22.6);
    expect(chi).toBeLessThan(255 + 5 * 22.6);
  });
  test("neighbours and rows are uncorrelated, seeds differ", async () => {
    const x = await values("normal");
    for (const lag of [1, 2, 1024]) {
      let sum = 0;
      for (let i = lag; i < N; i++) sum += x[i] * x[i - lag];
      expect(Math.abs(sum / N)).toBeLessThan(5 / Math.sqrt(N));
    }
    expect(await values("normal", { seed: 2 })).not.toEqual(x);
  });
});

describe("the other generators", () => {
  test("Laplace has unit variance, kurtosis 6 and exponential tails", async () => {
    const s = await summarize(generate(spec("laplace")), async () => {});
    expect(s.std).toBeCloseTo(1, 2);
    expect(s.kurtosis).toBeCloseTo(6, 0);
    expect(share(await values("laplace"), (v) => Math.abs(v) > 3)).toBeCloseTo(Math.exp(-3 * Math.SQRT2), 3);
  });
  test("Student t of one and of five degrees of freedom has its quantiles", async () => {
    // P(|T| > q): Cauchy's quartile is 1; 2.015048 leaves a tenth at 5 degrees of freedom.
    expect(share(await values("student", { params: { nu: 1 } }), (v) => Math.abs(v) > 1)).toBeCloseTo(0.5, 2);
    expect(share(await values("student"), (v) => Math.abs(v) > 2.015048)).toBeCloseTo(0.1, 2);
    expect(share(await values("student", { params: { nu: 30 } }), (v) => Math.abs(v) > 1.697261)).toBeCloseTo(0.1, 2);
  });
  test("uniform fills its range evenly", async () => {
    const x = await values("uniform", { params: { a: 2 } });
    expect(x.every((v) => Math.abs(v) <= 2)).toBe(true);
    expect(share(x, (v) => v < -1)).toBeCloseTo(0.25, 2);
    const s = await summarize(generate(spec("uniform")), async () => {});
    expect(s.kurtosis).toBeCloseTo(1.8, 2);
  });
  test("outlier channels are whole columns, as many as asked for", async () => {
    const x = await values("outliers", { params: { share: 0.02, gain: 50 } });
    const large = Array.from({ length: 1024 }, (_, c) => {
      let sum = 0;
      for (let r = 0; r < 1024; r++) sum += x[r * 1024 + c] ** 2;
      return Math.sqrt(sum / 1024) > 25;
    });
    expect(large.filter(Boolean)).toHaveLength(20);
    expect(share(await values("outliers", { params: { share: 0 } }), (v) => Math.abs(v) > 6)).toBe(0);
  });
  test("log-normal channels have one factor each", async () => {
    const x = await generate(spec("gains", { params: { sigma: 2 } })).read(0, N);
    const logs = Array.from({ length: 1024 }, (_, c) => {
      let sum = 0;
      for (let i = c; i < N; i += 1024) sum += x[i] * x[i];
      return Math.log(sum / 1024) / 2;
    });
    const mean = logs.reduce((a, b) => a + b) / 1024;
    expect(Math.abs(mean)).toBeLessThan(5 * (2 / 32));
    expect(Math.sqrt(logs.reduce((s, l) => s + (l - mean) ** 2, 0) / 1024)).toBeCloseTo(2, 0);
  });
  test.each([
    [64, 64],
    [48, 100],
  ])("a spectrum of %i x %i has its singular values, between bases that are no axes", async (rows, cols) => {
    const x = await generate(spec("spectrum", { rows, cols, params: { alpha: 1 } })).read(0, rows * cols);
    const { singular } = await svd({ rows, cols, values: Float64Array.from(x) });
    singular.forEach((s, i) => {
      expect(Math.abs((s * (i + 1)) / singular[0] - 1)).toBeLessThan(1e-4);
    });
    const s = await summarize(generate(spec("spectrum", { rows, cols, params: { alpha: 0 } })), async () => {});
    expect(s.std).toBeCloseTo(1, 2);
    expect(s.kurtosis).toBeLessThan(4);
  });
  test("a spectrum is made as a whole, and there is a largest one", () => {
    expect(() => generate(spec("spectrum", { rows: 8192, cols: 8192 }))).toThrow("4194304 elements at the most");
  });
  test("low rank and noise has both", async () => {
    const of = (noise: number) =>
      generate(spec("planted", { rows: 64, cols: 48, params: { rank: 3, noise } })).read(0, 64 * 48);
    const values = async (noise: number) =>
      (await svd({ rows: 64, cols: 48, values: Float64Array.from(await of(noise)) })).singular;
    const exact = await values(0);
    expect(exact[3]).toBeLessThan(1e-5 * exact[2]);
    // The largest singular value of noise is nearly its spread times the sum of the roots of both sides.
    expect((await values(0.1))[3] / (0.1 * (Math.sqrt(64) + Math.sqrt(48)))).toBeCloseTo(0.9, 0);
  });
  test("log-normal blocks have one factor each", async () => {
    const x = await generate(spec("lognormal", { cols: 70, params: { block: 32, sigma: 2 } })).read(0, 70);
    const rms = (from: number, to: number) => Math.sqrt(x.slice(from, to).reduce((s, v) => s + v * v, 0) / (to - from));
    expect(new Set([rms(0, 32), rms(32, 64), rms(64, 70)].map((v) => Math.round(v * 100))).size).toBe(3);
  });
  test("the LCG set is the published one", async () => {
    const x = await generate(spec("lcg", { rows: 8, seed: 12345 })).read(0, 8192);
    expect([...x.subarray(0, 4)]).toEqual([
      -0.5550544857978821, 1.4944710731506348, -0.909095823764801, 0.7257985472679138,
    ]);
    expect(sha(x)).toBe("f4176895a5073c6cd955e7aef993fcb4c65dd22c5426449c1c1e3d5e32e56b44");
  });
});

test.each([
  [spec("gauss"), 'There is no generator "gauss". There are normal, laplace,'],
  [spec("normal", { rows: 0 }), "normal: rows must be a whole number from 1 to"],
  [
    spec("normal", { rows: 2 ** 20, cols: 2 ** 20 }),
    "normal: rows times cols must be a whole number from 1 to 17179869184, not 1099511627776.",
  ],
  [spec("normal", { seed: -1 }), "normal: seed must be a whole number from 0 to 4294967295, not -1."],
  [spec("normal", { params: { nu: 1 } }), 'normal has no parameter "nu".'],
  [spec("student", { params: { nu: 2.5 } }), "student: nu must be a whole number from 1 to 64, not 2.5."],
  [spec("uniform", { params: { a: NaN } }), "uniform: a must be from 0.000001 to 1000000, not NaN."],
])("%j is refused", (bad, message) => {
  expect(() => generate(bad)).toThrow(message);
});
