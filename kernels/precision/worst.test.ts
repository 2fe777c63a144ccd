import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRecipe } from "../notation/index.ts";
import { quantizeText } from "../testing/matrix.ts";
import { roundedOf } from "./rounded.ts";
import { gapAt, gapOf, isMirrored, magnitudes, type Sign, worstBetween } from "./worst.ts";

const read = (text: string) => roundedOf(parseRecipe(text).quantizer)!;
const worst = (text: string, lo: number, hi: number, sign: Sign = 1) => worstBetween(read(text), lo, hi, sign);
const dequantized = async (text: string, values: Float32Array) =>
  (await quantizeText(text, values, 1, values.length)).rows(0, 1);
const gap = (text: string, x: number, sign: Sign = 1) => gapAt(read(text), magnitudes(read(text), sign), x, sign);

describe("the worst relative error", () => {
  it("is at the middle of two neighbours, or at the border of the cell that is nearer to it", () => {
    expect(worst("e2m1", 1, 1.5)).toEqual({ error: 0.2, at: 1.25 });
    expect(worst("e2m1", 1.25, 1.5)).toEqual({ error: 0.2, at: 1.25 });
    expect(worst("e2m1", 1.3125, 1.5).at).toBe(1.3125);
    expect(worst("e2m1", 1.3125, 1.5).error).toBeCloseTo(0.1875 / 1.3125, 15);
    expect(worst("e2m1", 1, 1.125)).toEqual({ error: 1 / 9, at: 1.125 });
    expect(worst("e2m1", 2, 6)).toEqual({ error: 0.2, at: 2.5 });
  });
  it("is none where a cell is one level, whatever the window", () => {
    for (const text of ["e2m1", "e2m1@up", "e2m1@trunc", "e2m1@sr(seed=1)", "e2m1(top=ieee,sat=inf)"]) {
      expect(worst(text, 1, 1).error).toBe(0);
      expect(worst(text, 1.125, 1.125).error).toBeGreaterThan(0);
    }
  });
  it("is all of a value below half the least level, and bounded by nothing where there is no zero", () => {
    expect(worst("e2m1", 0, 0.25)).toMatchObject({ error: 1 });
    expect(worst("e2m1", 2 ** -30, 2 ** -29).error).toBe(1);
    expect(worst("binary", 0, 1).error).toBe(Infinity);
    expect(worst("binary", 0.01, 1)).toEqual({ error: 99, at: 0.01 });
    expect(worst("e8m0", 2 ** -129, 2 ** -127)).toEqual({ error: 3, at: 2 ** -129 });
  });
  it("grows beyond the largest level where it saturates, and is no number where it does not", () => {
    expect(worst("e2m1", 8, 16)).toEqual({ error: 10 / 16, at: 16 });
    expect(worst("e2m1", 8, Infinity).error).toBe(1);
    expect(worst("e5m2(sat=inf)", 57344, 60000).error).toBeCloseTo((60000 - 57344) / 60000, 15);
    expect(worst("e5m2(sat=inf)", 57344, 61441).error).toBe(Number.NaN);
    expect(worst("e4m3(sat=nan)", 500, 600).error).toBe(Number.NaN);
  });
  it("is that of each sign where levels lie otherwise below zero", () => {
    expect(worst("int2(full)", 1, 2).error).toBe(0.5);
    expect(worst("int2(full)", 1, 2, -1)).toEqual({ error: 1 / 3, at: 1.5 });
    expect(worst("uint4", 1, 2, -1)).toMatchObject({ error: 1 });
    expect(isMirrored(read("int4"))).toBe(true);
    for (const text of ["int4(full)", "nf4", "uint4", "e2m1@up"])
      expect([text, isMirrored(read(text))]).toEqual([text, false]);
  });
  it("follows the rounding", () => {
    expect(worst("e2m1@trunc", 1, 1.5)).toEqual({ error: 0.5 / 1.5, at: 1.5 });
    expect(worst("e2m1@up", 1, 1.5)).toEqual({ error: 0.5, at: 1 });
    expect(worst("e2m1@up", 1, 1.5, -1)).toEqual({ error: 0.5 / 1.5, at: 1.5 });
    expect(worst("e2m1@coin(seed=1)", 1, 1.5)).toEqual({ error: 0.5, at: 1 });
    expect(worst("e2m1@sr(bits=1,seed=1)", 1, 1.5)).toEqual({ error: 0.5 / 1.5, at: 1.5 });
    expect(worst("e2m1@odd", 1, 1.5)).toEqual({ error: 0.5, at: 1 });
  });
});

describe("a gap", () => {
  it("begins with its level and reads the same from anywhere inside", () => {
    for (const x of [1, 1.1, 1.25, 1.49]) expect(gap("e2m1", x)).toEqual({ from: 1, to: 1.5, error: 0.2, at: 1.25 });
    expect(gap("e2m1", 0.1)).toMatchObject({ from: 0, to: 0.5, error: 1 });
    expect(gap("e2m1", 6)).toMatchObject({ from: 6, to: Infinity, error: 1 });
    expect(gap("int2(full)", 1.2, -1)).toEqual({ from: 1, to: 2, error: 1 / 3, at: 1.5 });
  });
  it("of a float's normal numbers is worst half-way above the power of two", () => {
    const r = read("e4m3");
    const held = magnitudes(r);
    const worstOf = Array.from({ length: held.length - 8 }, (_, k) => gapOf(r, held, k + 8).error);
    expect(Math.max(...worstOf)).toBe(1 / 17);
  });
});

describe("against values sent through the reference", () => {
  const texts = fc.constantFrom(
    ...["e2m1", "e3m2", "e4m3", "e5m2fnuz", "e3m0", "e0m3", "e2m3(bias=3)", "e3m2(top=ieee)", "e8m0", "ue4m3"],
    ...["int4", "int3(full)", "int4(half)", "uint3", "int8(frac=4)", "nf4", "bnbfp4", "af4", "binary", "ternary"],
    ...["codebook(-1,-0.35,0,0.35,1)", "codebook(0.5,1,3)", "codebook(-3,-1)", "codebook(-2,5)"],
  );
  const roundings = fc.constantFrom(
    ...["", "away", "inward", "trunc", "up", "down", "odd", "sr(seed=7)", "coin(seed=7)"],
  );
  const place = fc.double({ min: -6, max: 6, noNaN: true });
  const all = fc.tuple(
    texts,
    roundings,
    place,
    fc.double({ min: 1e-4, max: 3, noNaN: true }),
    fc.constantFrom<Sign>(1, -1),
  );

  it("no value errs more, and with dense values some come near", async () => {
    await fc.assert(
      fc.asyncProperty(all, async ([name, rounding, start, width, sign]) => {
        const text = rounding === "" ? name : `${name}@${rounding}`;
        const r = read(text);
        const [lo, hi] = [Math.fround(2 ** start), Math.fround(2 ** (start + width))];
        fc.pre(lo < hi);
        const bound = worstBetween(r, lo, hi, sign);
        const n = 4096;
        const values = Float32Array.from({ length: n }, (_, k) => sign * Math.min(hi, lo + ((hi - lo) * k) / (n - 1)));
        // Next to every place where the result jumps.
        const jumps = [bound.at, ...r.ladder.levels, ...r.ladder.middles].map((v) => Math.abs(v));
        const near = jumps
          .flatMap((v) => [v, v * (1 + 2 ** -20), v * (1 - 2 ** -20)])
          .filter((v) => v >= lo && v <= hi);
        const input = Float32Array.from([...values, ...near.map((v) => sign * v)]);
        const { result } = await dequantized(text, input);
        let most = 0;
        for (let i = 0; i < input.length; i++) {
          const x = Math.abs(input[i]);
          if (x >= lo && x <= hi) most = Math.max(most, Math.abs(input[i] - result[i]) / x);
        }
        expect(most).toBeLessThanOrEqual(bound.error * (1 + 1e-6));
        // Draws that are as unlucky as can be are rare.
        if (!Number.isFinite(bound.error) || rounding.startsWith("sr")) return;
        expect(most).toBeGreaterThanOrEqual(bound.error * (rounding.startsWith("coin") ? 0.5 : 0.999) - 1e-9);
      }),
      { numRuns: 300 },
    );
  });
});
