import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvOf } from "./csv.ts";
import {
  formatCell,
  formatExact,
  formatNumber,
  formatPercent,
  formatShare,
  formatShort,
  formatShortCount,
  powerOfTwo,
  tickFormat,
} from "./numbers.ts";

it("writes numbers with a few digits", () => {
  expect([0, 1.23456, -0.012345, 1234.5, 1.5e-7, 2e9, Number.NaN, -Infinity, null].map((x) => formatNumber(x))).toEqual(
    ["0", "1.23", "−0.0123", "1235", "1.50×10⁻⁷", "2.00×10⁹", "NaN", "−∞", "–"],
  );
});

it("writes a float32 in the shortest decimal that reads back", () => {
  expect(formatExact(Math.fround(0.1))).toBe("0.1");
  expect(formatExact(-Math.fround(1e-10))).toBe("−1×10⁻¹⁰");
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
      const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
      const plain = formatExact(x)
        .replace("−", "-")
        .replace("×10", "e")
        .replace("⁻", "-")
        .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (d) => String(digits.indexOf(d)));
      expect(Math.fround(Number(plain)) === x || Object.is(x, -0)).toBe(true);
    }),
  );
});

it("writes counts, shares and powers as an axis has room for", () => {
  expect([1, 950, 1000, 12_500, 3e6].map(formatShortCount)).toEqual(["1", "950", "1k", "12.5k", "3M"]);
  expect([0, 0.2, 0.005, 1].map(formatShare)).toEqual(["0 %", "20 %", "0.5 %", "100 %"]);
  expect([0.00001, 0.1234, 0.99999].map(formatPercent)).toEqual(["<0.01 %", "12.3 %", "100 %"]);
  expect(powerOfTwo(-12)).toBe("2⁻¹²");
  expect(formatShort(0.0612, 5)).toBe("0.0612");
});

describe("tickFormat", () => {
  it("gives all ticks the same decimals", () => {
    const { format, unit } = tickFormat([-0.5, -0.25, 0, 0.25]);
    expect([-0.5, -0.25, 0, 0.25].map(format)).toEqual(["−0.50", "−0.25", "0.00", "0.25"]);
    expect(unit).toBe("");
  });
  it("takes out a power of ten where numbers are large or small", () => {
    const { format, unit } = tickFormat([0, 5e-6, 1e-5]);
    expect([0, 5e-6, 1e-5].map(format)).toEqual(["0", "5", "10"]);
    expect(unit).toBe("×10⁻⁶");
  });
});

it("quotes what a comma or a line end would break", () => {
  expect(
    csvOf(
      ["a", "b,c"],
      [
        [1, null],
        ['say "x"', 0.1],
      ],
    ),
  ).toBe('a,"b,c"\r\n1,\r\n"say ""x""",0.1');
});

it("writes whole numbers in tables as they are", () => {
  const cells = [0, 1000, 1048576, -12345678, 0.25, 1234.5678, Number.NaN, Number.POSITIVE_INFINITY];
  expect(cells.map(formatCell)).toEqual(["0", "1,000", "1,048,576", "−12,345,678", "0.2500", "1235", "NaN", "∞"]);
});
