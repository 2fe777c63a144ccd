import { describe, expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { idealOf, numeratorOf, numeratorsOf, rangeOf } from "./ideal.ts";

const levelOf = (recipe: string) => planOf(recipe, 1, 32).levels[0];
/** The shared exponent's power of two that a rule gives for a largest magnitude: numerator over divisor. */
const scaleOf = (recipe: string, amax: number) => {
  const level = levelOf(recipe);
  return numeratorOf(level, amax) / level.divisor;
};

describe("the power of two of ~mx", () => {
  // E2M1 reaches 6, whose exponent is 2.
  it.each<[string, [number, number][]]>([
    [
      "floor",
      [
        [4, 1],
        [6, 1],
        [7.99, 1],
        [8, 2],
        [3.99, 0.5],
        [1, 0.25],
        [2 ** -149, 2 ** -151],
      ],
    ],
    [
      "ceil",
      [
        [4, 1],
        [4.000001, 2],
        [6, 2],
        [8, 2],
        [3.99, 1],
        [1, 0.25],
      ],
    ],
    [
      "even",
      [
        [4, 1],
        [6.99, 1],
        [7, 2],
        [8, 2],
        [3.49, 0.5],
        [3.5, 1],
      ],
    ],
    [
      "rceil",
      [
        [4, 1],
        [6, 1],
        [6.0000005, 2],
        [8, 2],
        [3, 0.5],
        [3.0000002, 1],
      ],
    ],
  ])("%s over e2m1", (how, pairs) => {
    for (const [amax, scale] of pairs) expect([amax, scaleOf(`e2m1/32~mx(${how}):bf16`, amax)]).toEqual([amax, scale]);
  });

  it("even goes by the fraction of the format: two bits of an integer are its sign and its one", () => {
    // INT8 with six bits of fraction reaches 127/64: an exponent of 0, rounded away at 2 - 2^-7.
    const how = "int8(frac=6)/32~mx(even):e8m0";
    expect([scaleOf(how, 1.99), scaleOf(how, 2 - 2 ** -7), scaleOf(how, 1)]).toEqual([1, 2, 1]);
    const wide = "e4m3/32~mx(even):e8m0";
    expect([scaleOf(wide, 256), scaleOf(wide, 495.9), scaleOf(wide, 496)]).toEqual([1, 1, 2]);
  });

  it("is the same one by one and for many, over every exponent of float32", () => {
    const amaxes = Float32Array.from(
      { length: 277 * 6 },
      (_, i) => [1, 1.25, 1.5, 1.75, 1.9375, 1 + 2 ** -23][i % 6] * 2 ** (Math.floor(i / 6) - 149),
    );
    const clips = Float32Array.of(0, ...amaxes.filter((v) => Number.isFinite(v)), -3, -6.5);
    for (const recipe of ["e2m1", "e4m3", "e5m2", "int4", "int8(frac=6)", "e3m2"]) {
      for (const how of ["floor", "ceil", "even", "rceil"]) {
        const level = levelOf(`${recipe}/32~mx(${how}):bf16`);
        expect(numeratorsOf(level, clips), `${recipe} ${how}`).toEqual(
          Float64Array.from(clips, (c) => numeratorOf(level, c)),
        );
      }
    }
    expect(numeratorsOf(levelOf("mxfp4"), Float64Array.of(0))).toEqual(Float64Array.of(0));
  });

  it("leaves other rules their clip, and zero a zero", () => {
    expect(numeratorOf(levelOf("e2m1/32"), 5.5)).toBe(5.5);
    const clips = Float32Array.of(5.5, 0);
    expect(numeratorsOf(levelOf("e2m1/32"), clips)).toBe(clips);
    expect(numeratorOf(levelOf("mxfp4"), 0)).toBe(0);
  });
});

describe("the numerator of a block's scale", () => {
  it("is the clip, a power of two times the divisor, or the range", () => {
    expect(idealOf(planOf("int4/32", 1, 32), 3, 0, 0)).toEqual({ hi: 3, lo: 0 });
    expect(idealOf(planOf("mxfp4", 1, 32), 5, 0, 0)).toEqual({ hi: 6, lo: 0 });
    expect(idealOf(planOf("int4(asym)/32", 1, 32), 9, -1, 2)).toEqual({ hi: 3, lo: 0 });
  });

  it("is an exact range: what a double drops is its low part", () => {
    expect(rangeOf(-(2 ** -60), 1)).toEqual({ hi: 1, lo: 2 ** -60 });
    expect(rangeOf(-1, 2 ** -60)).toEqual({ hi: 1, lo: 2 ** -60 });
    expect(rangeOf(2 ** -60, 1)).toEqual({ hi: 1, lo: -(2 ** -60) });
    expect(rangeOf(-0.1, 0.2)).toEqual({ hi: 0.1 + 0.2, lo: expect.closeTo(-2.7755575615628914e-17, 30) });
  });
});
