import { describe, expect, it } from "vitest";
import { normalValues, quantizeText } from "../testing/matrix.ts";
import type { Quantized } from "./types.ts";

const f = Math.fround;
const shapes = ["7", "3x5", "row", "col", "tensor", "flat(23)", "64"];
const rules = [
  "",
  "~pct(90)",
  "~rms",
  "~rms(2.5)",
  "~absmean(1.5)",
  "~mse(grid=5)",
  "~mse(p=2.4,grid=4)",
  "~mx(floor)",
  "~mx(even)",
];
const tilings = [
  ...shapes.flatMap((s) => rules.map((r) => `e2m1/${s}${r}`)),
  ...shapes.flatMap((s) => ["", "~pct(95)", "~mse(grid=5)"].map((r) => `int3(asym)/${s}${r}:f16`)),
  ...shapes.map((s) => `int4(signmax)@sr(seed=4)/${s}:f16`),
  "f32",
  "e4m3@coin(seed=2)",
  "nvfp4",
  "bnb_nf4",
  "int4/5:uint8/2x2:f16",
  "nf4/flat(11)~mse(grid=3)",
];

/** A matrix with everything in it: outliers, zeros, a row of zeros, NaN and Inf. */
function mixed(rows: number, cols: number): Float32Array {
  const x = normalValues(rows * cols, 3);
  for (let i = 0; i < x.length; i += 17) x[i] *= 20;
  for (let i = 0; i < x.length; i += 13) x[i] = 0;
  x.fill(0, 3 * cols, 4 * cols);
  x[2 * cols + 1] = Number.NaN;
  x[6 * cols + 2] = Infinity;
  x[6 * cols + 9] = -Infinity;
  return x;
}

/** All of a report that must be equal for any tiling: decisions and counts. */
function exact({ report, scales }: Quantized) {
  const { mse, nmse, sqnrDb, meanAbs, cosine, bias, ...counted } = report.metrics;
  const { values, errors, codes, grid, notes, levels } = report;
  const profiles = [report.rowProfile, report.colProfile, report.blockProfile].map((p) => p?.maxAbs);
  return { counted, values, errors, codes, grid, notes, levels, scales, profiles, reports: report.scales };
}

function sums({ report }: Quantized): number[] {
  const { mse, nmse, sqnrDb, meanAbs, cosine, bias } = report.metrics;
  const profiles = [report.rowProfile, report.colProfile, report.blockProfile, report.map];
  return [
    mse!,
    nmse!,
    sqnrDb ?? 0,
    meanAbs!,
    cosine!,
    bias!,
    ...profiles.flatMap((p) => (p ? [...p.error, ...p.signal] : [])),
  ];
}

describe("a report is the same for any tiling", () => {
  const [rows, cols] = [11, 37];
  const x = mixed(rows, cols);
  it.each(tilings)("%s", async (recipe) => {
    const whole = await quantizeText(recipe, x, rows, cols);
    for (const tile of [1, 2 * cols, 5 * cols + 3]) {
      const tiled = await quantizeText(recipe, x, rows, cols, tile);
      expect(exact(tiled)).toEqual(exact(whole));
      const [a, b] = [sums(tiled), sums(whole)];
      for (let i = 0; i < a.length; i++)
        expect(Math.abs(a[i] - b[i])).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(b[i])));
      expect((await tiled.rows(2, 9)).codes).toEqual(
        (await whole.rows(0, rows)).codes?.slice(2 * cols, 9 * cols) ?? null,
      );
    }
  });
});

describe("metrics", () => {
  it.each(["int4/8", "nvfp4", "e4m3", "rht(16,seed=1)+nf4/16", "int4(asym)/8:f16"])(
    "of %s are their formulas in float64",
    async (recipe) => {
      const [rows, cols] = [9, 32];
      const x = normalValues(rows * cols, 5);
      const quantized = await quantizeText(recipe, x, rows, cols);
      const { result, codes } = await quantized.rows(0, rows);
      let [error, signal, energy, dot, abs, max] = [0, 0, 0, 0, 0, 0];
      const histogram = new Map<number, number>();
      x.forEach((v, i) => {
        const e = f(v - result[i]);
        error += e * e;
        signal += v * v;
        energy += result[i] * result[i];
        dot += v * result[i];
        abs += Math.abs(e);
        max = Math.max(max, Math.abs(e));
        histogram.set(codes![i], (histogram.get(codes![i]) ?? 0) + 1);
      });
      const n = x.length;
      const entropy = [...histogram.values()].reduce((h, k) => h - (k / n) * Math.log2(k / n), 0);
      const { metrics: m, rowProfile, colProfile, blockProfile, map, errors, values } = quantized.report;
      const close = (a: number | null, b: number) => expect(Math.abs(a! / b - 1)).toBeLessThan(1e-12);
      close(m.mse, error / n);
      close(m.nmse, error / signal);
      close(m.sqnrDb, -10 * Math.log10(error / signal));
      close(m.meanAbs, abs / n);
      close(m.cosine, dot / Math.sqrt(signal * energy));
      expect(m.bias).toBeCloseTo(1 - dot / signal, 12);
      expect(m.maxAbs).toBe(max);
      close(m.codeEntropy, entropy);
      for (const profile of [rowProfile, colProfile, ...(blockProfile ? [blockProfile] : []), map]) {
        close(
          profile.error.reduce((a, b) => a + b, 0),
          error,
        );
        close(
          profile.signal.reduce((a, b) => a + b, 0),
          signal,
        );
      }
      expect(errors.zeros + errors.counts.reduce((a, b) => a + b, 0)).toBe(n);
      const width = (values.hi - values.lo) / values.counts.length;
      values.counts.forEach((count, k) => {
        const [lo, hi] = [values.lo + k * width, values.lo + (k + 1) * width];
        expect(count).toBe(x.filter((v) => v >= lo && v < hi).length);
      });
    },
  );
});

describe("what is stored is counted", () => {
  const elements = 64 * 1024;
  it.each([
    ["mxfp4", 4.25],
    ["mxfp8", 8.25],
    ["mxint8", 8.25],
    ["nvfp4", 4.5 + 32 / elements],
    ["int4/128:f16", 4 + 16 / 128],
    ["int4/128", 4 + 32 / 128],
    ["int4(asym)/128:f16", 4 + (16 + 4) / 128],
    ["int4(asym,zp=f16)/128:f16", 4 + 32 / 128],
    ["int4(asym,zp=f32)/128:f16", 4 + 48 / 128],
    ["int8/row", 8 + 32 / 1024],
    ["int8/col:f16", 8 + 16 / 64],
    ["e4m3/tensor", 8 + 32 / elements],
    ["e4m3/128x128", 8 + (8 * 32) / elements],
    ["int4/100:f16", 4 + (11 * 16) / 1024],
    ["int4/5000:f16", 4 + 16 / 1024],
    ["bnb_nf4", 4 + 8 / 64 + (4 * 32) / elements + 32 / elements],
    ["bnb_fp4", 4.5],
    ["ternary/64:f16", 2.25],
    ["binary/64:f16", 1.25],
    ["int4/128:uint8/row:f16", 4 + 8 / 128 + 16 / 1024],
    ["f32", 32],
    ["bf16", 16],
    ["tf32", 19],
    ["rht(128,seed=1)+mxfp4", 4.25],
  ])("%s takes %f bits a weight", async (recipe, bits) => {
    const { report } = await quantizeText(recipe, new Float32Array(elements).fill(1), 64, 1024);
    expect(report.metrics.bitsPerWeight).toBeCloseTo(bits, 12);
    expect(report.metrics.bitsBreakdown.reduce((s, p) => s + p.bitsPerWeight, 0)).toBeCloseTo(bits, 12);
  });
});

describe("odd tensors", () => {
  const recipes = [
    "int4/4",
    "int4(asym)/4",
    "int4(half)/4:f16",
    "int4(signmax)/4",
    "nvfp4",
    "mxfp4",
    "nf4/4",
    "binary/4",
    "e4m3",
    "f32",
    "bnb_nf4",
    "ht(4)+int4/4",
    "int4/4~mse(grid=4)",
    "int4/4~rms",
  ];

  it.each(recipes)("of zeros give zeros with %s", async (recipe) => {
    const { report, rows, scales } = await quantizeText(recipe, new Float32Array(16), 2, 8);
    const { result } = await rows(0, 2);
    expect(result.every((v) => v === 0)).toBe(true);
    const { metrics } = report;
    expect([metrics.mse, metrics.nmse, metrics.sqnrDb, metrics.cosine, metrics.bias]).toEqual([
      0,
      null,
      null,
      null,
      null,
    ]);
    expect([metrics.dead, metrics.flushed, metrics.saturated, metrics.nonFinite]).toEqual([0, 0, 0, 0]);
    for (const level of scales) expect(level.values.every(Number.isFinite)).toBe(true);
  });

  it.each(recipes)("of one element give one with %s", async (recipe) => {
    const wide = recipe.startsWith("ht") ? 4 : 1;
    const { report, rows } = await quantizeText(recipe, new Float32Array(wide).fill(-0.75), 1, wide);
    expect((await rows(0, 1)).result.every((v) => Math.abs(v + 0.75) < 0.13)).toBe(true);
    expect(report.metrics.dead).toBe(0);
  });

  it.each(recipes)("of NaN and Inf alone have no error with %s", async (recipe) => {
    const x = Float32Array.of(Number.NaN, Infinity, -Infinity, Number.NaN);
    const { report } = await quantizeText(recipe, x, 1, 4);
    const { metrics } = report;
    expect([metrics.nonFinite, metrics.mse, metrics.maxAbs, metrics.nmse]).toEqual([4, null, null, null]);
    expect(report.notes).toContain("4 values are NaN or Inf and left out of every sum and scale");
  });

  it("too large for squares in float32 have figures as all others", async () => {
    const { report } = await quantizeText("int4/4", Float32Array.of(1e28, 3e27, -2e28, 1), 1, 4);
    const { mse, nmse, sqnrDb, cosine, bias, maxAbs } = report.metrics;
    const small = (await quantizeText("int4/4", Float32Array.of(1e8, 3e7, -2e8, 1e-20), 1, 4)).report.metrics;
    expect(mse! / small.mse! / 1e40).toBeCloseTo(1, 5);
    expect(maxAbs! / small.maxAbs! / 1e20).toBeCloseTo(1, 5);
    for (const [large, moderate] of [
      [nmse, small.nmse],
      [sqnrDb, small.sqnrDb],
      [cosine, small.cosine],
      [bias, small.bias],
    ]) {
      expect(large! / moderate!).toBeCloseTo(1, 5);
    }
    expect(report.notes).toEqual([]);
  });

  it("constant ones are exact in every symmetric block", async () => {
    for (const recipe of ["int4/4", "nf4/4", "e2m1/4", "e4m3/row", "int8/tensor", "int4(asym)/4"]) {
      const { report } = await quantizeText(recipe, new Float32Array(24).fill(3.3), 3, 8);
      expect(report.metrics.maxAbs).toBeLessThan(1e-6);
    }
  });

  it("leaves NaN and Inf out of scales, and NaN stays NaN", async () => {
    const x = Float32Array.of(7, Number.NaN, 1, Infinity, -Infinity, 2, 1, 1);
    const { scales, rows, report } = await quantizeText("int4/4", x, 1, 8);
    expect(Array.from(scales[0].values)).toEqual([1, f(2 / 7)]);
    const { result } = await rows(0, 1);
    expect(Array.from(result.subarray(0, 4))).toEqual([7, Number.NaN, 1, 7]);
    expect(result[4]).toBe(f(-7 * f(2 / 7)));
    expect([report.metrics.nonFinite, report.metrics.saturated]).toEqual([3, 0]);
    expect(report.codes!.counts.reduce((a, b) => a + b, 0)).toBe(5);
  });

  it("poisons a block that holds one where that is asked for", async () => {
    const x = Float32Array.of(7, Number.NaN, 1, 2, 7, 1, 1, 1);
    const { scales, rows, report } = await quantizeText("e2m1(nonfinite=poison)/4~mx(floor):e8m0", x, 1, 8);
    expect(Array.from(scales[0].codes!)).toEqual([255, 127]);
    expect(Array.from((await rows(0, 1)).result.subarray(0, 4))).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(report.notes).toContain("1 block holds NaN or Inf and became NaN");
  });

  it("counts dead blocks and the values flushed in them", async () => {
    const x = Float32Array.of(1, 1, 1, 1, 1e-9, 1e-9, 0, 1e-9);
    const { report, rows, scales } = await quantizeText("e2m1/4:e4m3/tensor", x, 1, 8);
    expect(scales[0].values[1]).toBe(0);
    expect(Array.from((await rows(0, 1)).result.subarray(4))).toEqual([0, 0, 0, 0]);
    expect([report.metrics.dead, report.metrics.flushed]).toEqual([1, 3]);
  });

  it("counts what saturates and what is flushed to zero", async () => {
    const x = Float32Array.of(500, -1000, 448, 1e-9, -1e-9, 0, 464, 449);
    const { metrics } = (await quantizeText("e4m3", x, 1, 8)).report;
    expect([metrics.saturated, metrics.flushed, metrics.dead]).toEqual([4, 2, 0]);
    // With amax/7.5 the largest value lies half a step beyond 7; -8 holds its negative.
    const half = (await quantizeText("int4(half)/4", Float32Array.of(7.5, -7.5, 1, 0.4), 1, 4)).report.metrics;
    expect([half.saturated, half.flushed]).toEqual([1, 1]);
  });

  it("gives zero blocks the scale that presets ask for", async () => {
    const zeros = new Float32Array(8);
    const scaleOf = async (recipe: string) => (await quantizeText(recipe, zeros, 1, 8)).scales[0].values[0];
    expect(await scaleOf("e2m1(zero=1)/8:e4m3/tensor")).toBe(1);
    expect(await scaleOf("e2m1(zero=min)/8:e4m3")).toBe(2 ** -9);
    expect(await scaleOf("e2m1(zero=min)/8")).toBe(2 ** -149);
    expect(await scaleOf("e2m1/8:e8m0")).toBe(2 ** -127);
    expect(await scaleOf("int4/8")).toBe(0);
  });

  it("says how blocks fell", async () => {
    const notes = async (recipe: string) =>
      (await quantizeText(recipe, new Float32Array(30).fill(1), 3, 10)).report.notes;
    expect(await notes("int4/4")).toEqual(["the last block of each row has 2 of 4 columns"]);
    expect(await notes("int4/128")).toEqual(["blocks of 128 are cut to the 10 columns there are"]);
    expect(await notes("int4/2x5")).toEqual(["the last block of each column has 1 of 2 rows"]);
    expect(await notes("int4/flat(7)")).toEqual(["the last block has 2 of 7 elements"]);
    expect(await notes("int4/5")).toEqual([]);
  });
});
