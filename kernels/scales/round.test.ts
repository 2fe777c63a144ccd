import { expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { product, quotientOf, roundScale, saturate } from "./round.ts";

const LARGEST = (2 - 2 ** -23) * 2 ** 127;
const level = (storage: string) => planOf(`int4/2:${storage}`, 1, 2).levels[0];

it("scales saturate at the ends of float32, and zero is plus zero", () => {
  expect([saturate(Infinity), saturate(-Infinity), saturate(1.5)]).toEqual([LARGEST, -LARGEST, 1.5]);
  expect(Object.is(saturate(-0), 0)).toBe(true);
  expect([product(2 ** 100, 2 ** 100), product(-3, 0.5), product(0.1, 3)]).toEqual([
    LARGEST,
    -1.5,
    Math.fround(0.1 * 3),
  ]);
});

it("a quotient says whether a double holds it", () => {
  expect(quotientOf(6, 0, 3)).toEqual({ q: 2, numerator: [6], denominator: 3, delicate: false });
  expect(quotientOf(1, 0, 3)).toMatchObject({ q: 1 / 3, numerator: [1], delicate: true });
  expect(quotientOf(6, 2 ** -60, 3)).toEqual({ q: 2, numerator: [6, 2 ** -60], denominator: 3, delicate: true });
});

it.each<[string, number, number, number]>([
  // UE4M3 has eighths of an octave: 1.0625 is a tie and goes to the even 1.
  ["e4m3", 1.0625, 1, 1],
  ["e4m3", 7 * 1.0626, 7, 1.125],
  ["e4m3", 1e9, 7, 448],
  ["e4m3", 0, 7, 0],
  ["e4m3(least=0.015625)", 0.001, 1, 0.015625],
  ["e4m3(least=0.015625)", 0.015625, 1, 0.015625],
  ["e4m3(least=0.015625)", 1, 2, 0.5],
  ["e8m0", 3, 1, 4],
  ["e8m0", 2.5, 1, 2],
  ["f32", 1, 3, Math.fround(1 / 3)],
  ["f32(least=0.1)", 0.01, 3, Math.fround(0.1)],
])("in %s, %f over %f is %f", (storage, hi, divisor, value) => {
  const of = level(storage);
  const rounded = roundScale(of, hi, 0, divisor, 0, 0);
  expect(rounded.value).toBe(value);
  expect(rounded.code).toBe(of.ladder ? of.ladder.codes[of.ladder.levels.indexOf(value)] : 0);
});

it("low parts decide ties", () => {
  const of = level("e4m3");
  const at = (lo: number) => roundScale(of, 1.0625, lo, 1, 0, 0).value;
  expect([at(-(2 ** -70)), at(0), at(2 ** -70)]).toEqual([1, 1, 1.125]);
});

it("chance has its own draw for every level and block", () => {
  const of = level("e8m0@sr(seed=1)");
  const draws = (depth: number) => Array.from({ length: 200 }, (_, b) => roundScale(of, 1.5, 0, 1, depth, b).value);
  expect(new Set(draws(0))).toEqual(new Set([1, 2]));
  expect(draws(0)).toEqual(draws(0));
  expect(draws(0)).not.toEqual(draws(1));
});
