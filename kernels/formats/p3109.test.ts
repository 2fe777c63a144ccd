/** IEEE P3109's formats, against the codes that the working group's report lists and against a list of every code. */
import { describe, expect, it } from "vitest";
import { parseRecipe } from "../notation/index.ts";
import { decode } from "./codes.ts";
import { formatRange } from "./range.ts";
import { buildFormat, formatEntry } from "./registry.ts";
import type { CodedFormat } from "./types.ts";

const formatOf = (text: string) => buildFormat(parseRecipe(text).quantizer.base) as CodedFormat;

describe("special codes", () => {
  it.each([
    ["binary8p3se", { 0: 0, 1: 2 ** -17, 4: 2 ** -15, 64: 1, 126: 49152, 127: Infinity, 128: Number.NaN }],
    ["binary8p3se", { 192: -1, 254: -49152, 255: -Infinity }],
    ["binary8p4se", { 64: 1, 126: 224, 127: Infinity, 128: Number.NaN, 255: -Infinity }],
    ["binary8p4sf", { 64: 1, 127: 240, 128: Number.NaN, 255: -240 }],
    ["binary8p1se", { 1: 2 ** -63, 64: 1, 126: 2 ** 62, 127: Infinity }],
    ["binary8p3ue", { 128: 1, 253: 2 ** 31 * 1.25, 254: Infinity, 255: Number.NaN }],
    ["binary8p3uf", { 128: 1, 254: 2 ** 31 * 1.5, 255: Number.NaN }],
    ["binary4p2sf", { 1: 0.25, 4: 1, 7: 3, 8: Number.NaN, 15: -3 }],
    ["binary3p3ue", { 1: 0.25, 5: 1.25, 6: Infinity, 7: Number.NaN }],
    ["binary16p11se", { 16384: 1, 32766: 2 ** 15 * (2 - 2 ** -9), 32767: Infinity, 32768: Number.NaN }],
  ] as [string, Record<number, number>][])("of %s", (text, wanted) => {
    const format = formatOf(text);
    for (const [code, value] of Object.entries(wanted))
      expect([code, decode(format, Number(code))]).toEqual([code, value]);
  });
});

it("every code of every width up to 8 is what its exponent and significand say", () => {
  for (let k = 3; k <= 8; k++) {
    for (let p = 1; p <= k; p++) {
      for (const [s, e] of ["se", "sf", "ue", "uf"]) {
        const text = `binary${k}p${p}${s}${e}`;
        const width = k - p + (s === "u" ? 1 : 0);
        if (width < 1 || width > 8) {
          expect(formatEntry(text), text).toBeUndefined();
          continue;
        }
        const format = formatOf(text);
        const half = s === "s" ? 2 ** (k - 1) : 2 ** k;
        const finite = Array.from({ length: 2 ** k }, (_, code) => decode(format, code)).filter(Number.isFinite);
        for (let code = 0; code < half; code++) {
          const [field, fraction] = [code >> (p - 1), code & (2 ** (p - 1) - 1)];
          const value = (fraction * 2 ** (1 - p) + (field > 0 ? 1 : 0)) * 2 ** (Math.max(field, 1) - 2 ** (width - 1));
          const found = decode(format, code);
          const inf = e === "e" ? half - (s === "s" ? 1 : 2) : half;
          const nan = s === "s" ? half : half - 1;
          expect([text, code, found]).toEqual([
            text,
            code,
            code === nan ? Number.NaN : code === inf ? Infinity : value,
          ]);
          if (s === "s" && code > 0 && code < inf) expect(decode(format, code + half)).toBe(-found);
        }
        expect(finite.length, text).toBe(2 ** k - 1 - (e === "e" ? (s === "s" ? 2 : 1) : 0));
        expect(formatRange(format).levels, text).toBe(finite.length);
      }
    }
  }
});

it("names that are none are no formats", () => {
  for (const name of [
    "binary8p9se",
    "binary8p8se",
    "binary17p8se",
    "binary2p1se",
    "binary8p3",
    "binary08p3se",
    "binary16p4se",
  ])
    expect(formatEntry(name), name).toBeUndefined();
});

it("wide integers need no list, nor do dyadic scales of up to 15", () => {
  expect(formatOf("int16")).toMatchObject({ bits: 16, min: -32767, max: 32767 });
  expect(formatEntry("int17")).toBeUndefined();
  expect(formatOf("dyadic(7)")).toMatchObject({ bits: 12, signed: false });
  expect(formatRange(formatOf("dyadic(7)"))).toMatchObject({ max: 127, least: 2 ** -30 });
});
