import { describe, expect, it } from "vitest";
import type { Plan } from "../plan/plan.ts";
import { NUMBERS_VERSION } from "../report/report.ts";
import { makeStatistics } from "../scales/statistics.ts";
import { normalValues, planOf, quantizeText } from "../testing/matrix.ts";
import { poisonedBlocks } from "./build.ts";
import { measuredOf } from "./measured.ts";
import { figuresOf } from "./metrics/index.ts";
import { makeSums, type Sums } from "./sums.ts";

const plan = planOf("int4/4:f16", 2, 8);
type Given = Partial<Sums & { codes: Uint32Array }>;
const metrics = ({ codes, ...sums }: Given, dead = 0) =>
  figuresOf(measuredOf(plan, { ...makeSums(), ...sums }, dead, codes));

describe("metrics of sums", () => {
  it("are over the elements whose results are there", () => {
    const sums = { count: 10, brokenResults: 2, nonFinite: 3, error: 4, absError: 6, maxAbs: 1.5 };
    expect(metrics({ ...sums, signal: 400, energy: 225, dot: 285, saturated: 5, flushed: 6 }, 7)).toMatchObject({
      mse: 0.5,
      nmse: 0.01,
      sqnrDb: 20,
      maxAbs: 1.5,
      meanAbs: 0.75,
      cosine: 0.95,
      bias: 1 - 285 / 400,
      saturated: 5,
      flushed: 6,
      dead: 7,
      nonFinite: 3,
      broken: 2,
      codeEntropy: null,
      bitsPerWeight: 8,
    });
  });

  it("have no ratio without an error, and are the worst there is where the error is the signal", () => {
    const sums = { count: 4, signal: 9, energy: 9, dot: 9 };
    expect(metrics(sums)).toMatchObject({ mse: 0, nmse: 0, sqnrDb: null, cosine: 1, bias: 0, maxAbs: 0, meanAbs: 0 });
    expect(metrics({ ...sums, error: 9 }).sqnrDb).toBeCloseTo(0, 12);
    expect(metrics({ ...sums, error: 90 }).sqnrDb).toBeCloseTo(-10, 12);
  });

  it("are absent, never NaN, where there is nothing to take them over", () => {
    const nothing = { mse: null, nmse: null, sqnrDb: null, maxAbs: null, meanAbs: null, cosine: null, bias: null };
    expect(metrics({})).toMatchObject(nothing);
    expect(metrics({ count: 3, brokenResults: 3 })).toMatchObject({ ...nothing, broken: 3 });
    // No signal: errors there may be, ratios not.
    const zeros = metrics({ count: 2, error: 8, absError: 4, maxAbs: 2, energy: 8 });
    expect(zeros).toMatchObject({ ...nothing, mse: 4, maxAbs: 2, meanAbs: 2 });
    // Everything became zero: there is no direction, but a bias.
    const lost = metrics({ count: 2, signal: 8, error: 8 });
    expect(lost).toMatchObject({ nmse: 1, sqnrDb: expect.closeTo(0), cosine: null, bias: 1 });
  });

  it("have the entropy of the codes in bits", () => {
    const entropy = (...codes: number[]) => metrics({ codes: Uint32Array.from(codes) }).codeEntropy;
    expect(entropy(1, 1, 1, 1)).toBe(2);
    expect(entropy(0, 7, 0, 0)).toBeCloseTo(0, 12);
    expect(entropy(2, 1, 1, 0)).toBe(1.5);
    expect(entropy(0, 0)).toBe(0);
  });
});

describe("a report", () => {
  it("of four values and four zeros, figure by figure", async () => {
    const { report } = await quantizeText("int2/4:e2m1", Float32Array.of(1, -1, 0.5, 0, 0, 0, 0, 0), 2, 4);
    const { values, errors, codes, levels, scales, map, metrics, ...rest } = report;
    expect(rest).toMatchObject({
      ...{ numbers: NUMBERS_VERSION, tensor: "matrix", shape: [2, 4], recipe: "int2/4:e2m1", backend: "reference" },
      ...{ matrix: { rows: 2, cols: 4, view: { split: 1, transpose: false } }, notes: [], seconds: 0 },
      grid: { kind: "run", blockCols: 4, gridRows: 2, gridCols: 1 },
    });
    expect(metrics.bitsBreakdown).toEqual([
      { what: "elements (int2)", bitsPerWeight: 2 },
      { what: "scales (e2m1)", bitsPerWeight: 1 },
    ]);
    expect(metrics).toMatchObject({ mse: 1 / 32, nmse: 1 / 9, maxAbs: 0.5, meanAbs: 1 / 16, flushed: 1, dead: 0 });
    const full = (counts: Uint32Array) => [...counts.entries()].filter(([, n]) => n > 0);
    expect([values.lo, values.hi, values.below, values.above]).toEqual([-2, 2, 0, 0]);
    expect(full(values.counts)).toEqual([
      [128, 1],
      [256, 5],
      [320, 1],
      [384, 1],
    ]);
    // 0.5 has the bits 0x3f000000.
    expect(errors).toEqual({ zeros: 7, firstKey: 0x3f000000 >>> 21, counts: Uint32Array.of(1) });
    expect(codes).toEqual({
      counts: Uint32Array.of(6, 1, 0, 1),
      values: Float32Array.of(0, 1, -2, -1),
      order: Uint32Array.of(2, 3, 0, 1),
    });
    expect(levels).toEqual(Float32Array.of(-1, 0, 1));
    expect(scales).toEqual([
      {
        ...{ format: "e2m1", count: 2, negative: 0, min: 0, median: 1, max: 1 },
        histogram: { zeros: 1, firstKey: 0x3f800000 >>> 21, counts: Uint32Array.of(1) },
      },
    ]);
    expect(report.rowProfile.error).toEqual(Float64Array.of(0.25, 0));
    expect(report.colProfile.signal).toEqual(Float64Array.of(1, 1, 0.25, 0));
    expect(report.blockProfile?.maxAbs).toEqual(Float32Array.of(0.5, 0));
    expect(map).toMatchObject({ rows: 2, cols: 4 });
  });

  it("lists codes by value, without those that are no number; affine codes stand for themselves", async () => {
    const of = async (recipe: string) => (await quantizeText(recipe, normalValues(8), 1, 8)).report.codes;
    const float = (await of("e4m3"))!;
    expect([float.counts.length, float.order.length]).toEqual([256, 254]);
    const ordered = [...float.order].map((code) => float.values[code]);
    expect(ordered.every((v, i) => i === 0 || v >= ordered[i - 1])).toBe(true);
    expect([ordered[0], ordered.at(-1)]).toEqual([-448, 448]);
    const affine = (await of("int2(asym)/8"))!;
    expect([affine.values, affine.order]).toEqual([Float32Array.of(0, 1, 2, 3), Uint32Array.of(0, 1, 2, 3)]);
    expect(await of("f32")).toBeNull();
  });

  it("draws up to 4096 levels, and no blocks where there are none", async () => {
    const of = async (recipe: string) => (await quantizeText(recipe, normalValues(8), 1, 8)).report;
    expect((await of("ue8m4")).levels).toHaveLength(4096);
    expect((await of("e5m8/8")).levels).toBeNull();
    expect((await of("f32")).levels).toBeNull();
    expect((await of("ue8m4")).blockProfile).toBeNull();
    expect((await of("e5m8/8")).blockProfile).not.toBeNull();
  });
});

describe("notes", () => {
  const notes = async (recipe: string, ...values: number[]) =>
    (await quantizeText(recipe, Float32Array.from(values), 1, values.length)).report.notes;

  it("count what is not finite, one or many, and say nothing where all is", async () => {
    expect(await notes("int4/4", 1, 2, 3, 4)).toEqual([]);
    expect(await notes("int4/4", 1, Number.NaN, 3, 4)).toEqual([
      "1 value is NaN or Inf and left out of every sum and scale",
    ]);
    expect(await notes("int4/4", 1, Number.NaN, Infinity, 4)).toEqual([
      "2 values are NaN or Inf and left out of every sum and scale",
    ]);
  });

  it("count poisoned blocks, and what broke in them", async () => {
    const poison = "e2m1(nonfinite=poison)/4~mx(floor):e8m0";
    expect((await notes(poison, 1, Number.NaN, 3, 4, 1, 1, 1, 1)).slice(0, 2)).toEqual([
      "1 value is NaN or Inf and left out of every sum and scale",
      "1 block holds NaN or Inf and became NaN",
    ]);
    const two = await notes(poison, 1, Number.NaN, 3, 4, 1, 1, 1, Infinity);
    expect(two[1]).toBe("2 blocks hold NaN or Inf and became NaN");
    expect(two[2]).toMatch(/^broken: 6 results are not finite where their values were;/);
    expect((await notes(poison, 1, Number.NaN, Number.NaN, Number.NaN))[2]).toMatch(
      /^broken: 1 result is not finite where its value was;/,
    );
    expect(await notes(poison, 1, 1, 1, 1)).toEqual([]);
  });

  it("blocks are poisoned only where that is asked for", () => {
    const bad = (plan: Plan) => ({ ...makeStatistics(plan), bad: Uint8Array.of(1, 0, 1) });
    const [poison, skip] = ["e2m1(nonfinite=poison)/4:e8m0", "e2m1/4:e8m0"].map((text) => planOf(text, 1, 12));
    expect([poisonedBlocks(poison, bad(poison)), poisonedBlocks(skip, bad(skip))]).toEqual([2, 0]);
  });
});
