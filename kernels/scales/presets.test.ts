import { describe, expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { resolveScales } from "./resolve.ts";
import { addStatistics, makeStatistics } from "./statistics.ts";

/** Scales of rows of values, in blocks of four. */
function resolved(recipe: string, ...rows: number[][]) {
  const plan = planOf(recipe, rows.length, rows[0].length);
  const stats = makeStatistics(plan);
  addStatistics(plan, Float32Array.from(rows.flat()), 0, rows.length, stats);
  const scales = resolveScales(plan, stats);
  return {
    effective: Array.from(scales.effective),
    stored: Array.from(scales.levels[0].values),
    codes: scales.levels[0].codes && Array.from(scales.levels[0].codes),
    dead: scales.dead,
  };
}

const ZEROS = [0, 0, -0, 0];
const SOME = [7, 0, -3.5, 1];
const BAD = [Number.NaN, 14, 0, 0];

describe("the scale of a block of zeros", () => {
  it("is zero unless it is said otherwise", () => {
    expect(resolved("int4/4", [...ZEROS, ...SOME])).toMatchObject({ effective: [0, 1], dead: 0 });
  });

  it("is a number that is said, rounded into the scale's format", () => {
    expect(resolved("int4(zero=1)/4", [...ZEROS, ...SOME])).toMatchObject({ effective: [1, 1], stored: [1, 1] });
    // E4M3 has steps of an eighth from one on.
    const coded = resolved("int4(zero=1.2)/4:e4m3", [...ZEROS, ...SOME]);
    expect(coded).toMatchObject({ effective: [1.25, 1], stored: [1.25, 1] });
    expect(coded.codes).toEqual([0x3a, 0x38]);
  });

  it("is the least that the format has", () => {
    expect(resolved("int4(zero=min)/4", [...ZEROS, ...SOME]).effective).toEqual([2 ** -149, 1]);
    expect(resolved("int4(zero=min)/4:e4m3", [...ZEROS, ...SOME])).toMatchObject({
      effective: [2 ** -9, 1],
      codes: [1, 0x38],
    });
    // E8M0 has no zero: its least code is 2^-127.
    expect(resolved("int4(zero=min)/4:e8m0", [...ZEROS, ...SOME])).toMatchObject({ stored: [2 ** -127, 1] });
  });

  it("is in force under the scale of scales of its own place", () => {
    const { stored, effective } = resolved(
      "int4(zero=2)/4:e4m3/2x1",
      [...ZEROS, ...SOME],
      [...SOME, ...SOME.map((x) => 2 * x)],
      [...ZEROS, ...SOME.map((x) => 448 * x)],
      [...SOME, ...ZEROS],
    );
    // Rows of two blocks; each two rows of a column share an outer scale, of the largest of theirs over 448.
    const outer = [1, 2, 1, 448].map((largest) => Math.fround(largest / 448));
    expect([stored[0], stored[4], stored[7]]).toEqual([2, 2, 2]);
    expect([effective[0], effective[4], effective[7]]).toEqual([outer[0], outer[2], outer[3]].map((s) => 2 * s));
    expect(stored[1]).not.toBe(2);
  });

  it("is that of a block whose values are all finite: NaN beside zeros is none of it", () => {
    expect(resolved("int4(zero=1)/4", [Number.NaN, 0, 0, 0, ...SOME]).effective).toEqual([0, 1]);
  });
});

describe("a block that holds NaN or Inf", () => {
  it("is left without them, or becomes NaN as a whole", () => {
    expect(resolved("int4/4", [...BAD, ...SOME]).effective).toEqual([2, 1]);
    expect(resolved("int4(nonfinite=poison)/4", [...BAD, ...SOME])).toMatchObject({
      effective: [Number.NaN, 1],
      stored: [Number.NaN, 1],
      codes: null,
    });
  });

  it("has the code of NaN, of Inf where there is no NaN, and keeps its own where there is neither", () => {
    const codes = (scale: string) => resolved(`int4(nonfinite=poison)/4:${scale}`, [...BAD, ...SOME]).codes;
    expect(codes("e4m3")).toEqual([0x7f, 0x38]);
    expect(codes("e8m0")).toEqual([0xff, 127]);
    // Without mantissa bits IEEE's top exponent holds Inf alone.
    expect(codes("e5m0(top=ieee)")).toEqual([31, 15]);
    expect(codes("uint8")).toEqual([2, 1]);
  });
});
