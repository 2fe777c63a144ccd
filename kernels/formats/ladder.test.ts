import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRecipe } from "../notation/index.ts";
import { elements } from "../testing/cases.ts";
import { codeBits, codeCount } from "./codes.ts";
import { ladderOf } from "./ladder.ts";
import { formatRange } from "./range.ts";
import { buildFormat } from "./registry.ts";
import type { CodedFormat } from "./types.ts";

const formatOf = (text: string) => buildFormat(parseRecipe(text).quantizer.base) as CodedFormat;

describe("a ladder", () => {
  it("has every level once, ascending, with the oracle's codes", () => {
    fc.assert(
      fc.property(elements, ({ text, format }) => {
        const ladder = ladderOf(formatOf(text));
        expect(Array.from(ladder.levels)).toEqual(format.levels.map((l) => l.value));
        expect(Array.from(ladder.codes)).toEqual(format.levels.map((l) => l.code));
        expect(Array.from(ladder.odd)).toEqual(format.levels.map((l) => Number(l.odd)));
        expect(ladder.zero).toBe(format.levels.findIndex((l) => l.value === 0));
      }),
      { numRuns: 200 },
    );
  });

  it("finds the greatest level that does not exceed any double", () => {
    const anyDouble = fc.double({ noNaN: true });
    fc.assert(
      fc.property(elements, fc.array(anyDouble), fc.array(fc.nat()), ({ text }, doubles, ranks) => {
        const { levels, floor } = ladderOf(formatOf(text));
        const around = ranks.map((r) => levels[r % levels.length]);
        const near = around.flatMap((v) => [v, v * (1 + 2 ** -52), v * (1 - 2 ** -53), v + 2 ** -1074, -v]);
        for (const q of [...doubles, ...near, 0, -0, Infinity, -Infinity]) {
          expect([q, floor(q)]).toEqual([q, levels.findLastIndex((v) => v <= q)]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("what a format reaches", () => {
  it.each([
    ["e4m3", 448, 2 ** -9, 2 ** -6, 253],
    ["e5m2", 57344, 2 ** -16, 2 ** -14, 247],
    ["e4m3fnuz", 240, 2 ** -10, 2 ** -7, 255],
    ["e4m3b11fnuz", 30, 2 ** -13, 2 ** -10, 255],
    ["e2m1", 6, 0.5, 1, 15],
    ["e3m2", 28, 0.0625, 0.25, 63],
    ["e2m3", 7.5, 0.125, 1, 63],
    ["ue4m3", 448, 2 ** -9, 2 ** -6, 127],
    ["ue5m3", 122880, 2 ** -17, 2 ** -14, 256],
    ["ue5m3(top=nan)", 114688, 2 ** -17, 2 ** -14, 255],
    ["e8m0", 2 ** 127, 2 ** -127, 2 ** -127, 255],
    ["int4", 7, 1, 1, 15],
    ["int8(frac=6)", 127 / 64, 1 / 64, 1 / 64, 255],
    ["nf4", 1, Math.fround(0.07958029955625534), Math.fround(0.07958029955625534), 16],
  ])("%s: %d, %d, %d", (text, max, least, leastNormal, levels) => {
    expect(formatRange(formatOf(text))).toMatchObject({ max, least, leastNormal, levels });
  });

  it("groups the bits of a float", () => {
    const format = formatOf("e4m3");
    expect([codeBits(format, 0x7e), codeBits(format, 0x81), codeCount(format)]).toEqual([
      "0 1111 110",
      "1 0000 001",
      256,
    ]);
    expect(codeBits(formatOf("int4"), 9)).toBe("1001");
  });
});
