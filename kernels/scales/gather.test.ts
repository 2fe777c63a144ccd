import { expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { gather } from "./gather.ts";

/** A matrix of 4 x 6 that counts from 0, with a NaN at 7 and an infinity at 8. */
const x = Float32Array.from({ length: 24 }, (_, i) => (i === 7 ? Number.NaN : i === 8 ? Infinity : i));
const block = (recipe: string, of: number, row0 = 0) => {
  const { grid } = planOf(recipe, 4, 6);
  const out = new Float32Array(24);
  const n = gather(grid, x.subarray(6 * row0), row0, of, out);
  return [...out.subarray(0, n)];
};

it("the finite values of a block come row by row", () => {
  expect(block("int4/2x4", 0)).toEqual([0, 1, 2, 3, 6, 9]);
  // The last of a row is cut.
  expect(block("int4/2x4", 1)).toEqual([4, 5, 10, 11]);
  expect(block("int4/2x4", 3)).toEqual([16, 17, 22, 23]);
  expect(block("int4/2x4", 2, 2)).toEqual([12, 13, 14, 15, 18, 19, 20, 21]);
  expect(block("int4/col", 1)).toEqual([1, 13, 19]);
});

it("flat blocks run over the ends of rows, and the last is cut", () => {
  expect(block("int4/flat(5)", 1)).toEqual([5, 6, 9]);
  expect(block("int4/flat(5)", 4)).toEqual([20, 21, 22, 23]);
  expect(block("int4/flat(5)", 3, 2)).toEqual([15, 16, 17, 18, 19]);
});
