import { expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { addStatistics, makeStatistics } from "./statistics.ts";

const x = Float32Array.of(1, -3, 3, Number.NaN, 0, 0, 0, 0, -1, -2, -0.5, Infinity, 5, 4, 2, 1);

it("every block has its largest magnitude; what is not finite is left out and remembered", () => {
  const plan = planOf("int4/4", 2, 8);
  const stats = makeStatistics(plan);
  addStatistics(plan, x, 0, 2, stats);
  expect([stats.amax, stats.bad]).toEqual([Float32Array.of(3, 0, 2, 5), Uint8Array.of(1, 0, 1, 0)]);
  expect(
    [stats.min, stats.max, stats.signed, stats.stored, stats.zero, stats.clip, stats.clipLow].map((l) => l.length),
  ).toEqual(new Array(7).fill(0));
});

it("affine formats have both ends, with zero between them; the signed maximum is the first of equals", () => {
  const affine = planOf("int4(asym)/4", 2, 8);
  const stats = makeStatistics(affine);
  addStatistics(affine, x, 0, 2, stats);
  expect([stats.min, stats.max]).toEqual([Float32Array.of(-3, 0, -2, 0), Float32Array.of(3, 0, 0, 5)]);
  const signed = planOf("int4(signmax)/4", 2, 8);
  const of = makeStatistics(signed);
  addStatistics(signed, x, 0, 2, of);
  expect(of.signed).toEqual(Float32Array.of(-3, 0, -2, 5));
});

it("do not depend on how rows are cut, where blocks take several", () => {
  const plan = planOf("int4(asym)/2x3", 4, 4);
  const [whole, cut] = [makeStatistics(plan), makeStatistics(plan)];
  addStatistics(plan, x, 0, 4, whole);
  for (let row = 0; row < 4; row++) addStatistics(plan, x.subarray(4 * row, 4 * row + 4), row, 1, cut);
  expect(cut).toEqual(whole);
  expect(whole.amax).toEqual(Float32Array.of(3, 0, 5, 1));
});

it("have room for what a rule finds, and for nothing else", () => {
  const room = (recipe: string) => {
    const { stored, zero, clip, clipLow, packed, min } = makeStatistics(planOf(recipe, 2, 256));
    return [stored, zero, clip, clipLow, packed, min].map((list) => list.length);
  };
  expect(room("int4/128")).toEqual([0, 0, 0, 0, 0, 0]);
  expect(room("int4/128~mse")).toEqual([4, 0, 0, 0, 0, 0]);
  expect(room("int4(asym)/128~mse")).toEqual([4, 4, 0, 0, 0, 4]);
  expect(room("int4/128~pct(99)")).toEqual([0, 0, 4, 0, 0, 0]);
  expect(room("int4(asym)/128~pct(99)")).toEqual([0, 0, 4, 4, 0, 4]);
  // Blocks of Q8_0: 34 bytes for 32 values.
  expect(room("q8_0").slice(0, 5)).toEqual([0, 0, 0, 0, 2 * 8 * 34]);
  expect(makeStatistics(planOf("e4m3", 2, 2)).amax).toHaveLength(0);
});
