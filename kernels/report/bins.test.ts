import { expect, it } from "vitest";
import { LEAST_TERM_EXPONENT, LOG_KEYS, TERM_EXPONENT, VALUE_BINS, valueBin, valueRangeExponent } from "./bins.ts";

it("the range of values is the least power of two above the largest", () => {
  expect([0, 1, 1.5, 2, 0.75, 448, 2 ** -149, 3.4e38].map(valueRangeExponent)).toEqual([0, 1, 1, 2, 0, 9, -148, 128]);
});

it("bins of values are equal parts of the range, zero at the start of the upper half", () => {
  expect(VALUE_BINS).toBe(512);
  const [most, least] = [1.9999998807907104, 2 ** -149];
  expect([-most, -1, -least, 0, least, 1, most].map((x) => valueBin(x, 1))).toEqual([0, 128, 255, 256, 256, 384, 511]);
  expect([-3, 3].map((x) => valueBin(x, 9))).toEqual([254, 257]);
});

it("every magnitude of a float32 has a key, and squares of terms are normal", () => {
  expect(0x7fffffff >>> 21).toBe(LOG_KEYS - 1);
  expect(2 ** (2 * LEAST_TERM_EXPONENT)).toBe(2 ** -126);
  expect(2 ** (2 * TERM_EXPONENT)).toBe(2 ** 80);
});
