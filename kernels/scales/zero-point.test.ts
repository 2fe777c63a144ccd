import { expect, it } from "vitest";
import type { IntegerFormat } from "../formats/types.ts";
import { planOf } from "../testing/matrix.ts";
import { holdsCodes, zeroPointOf } from "./zero-point.ts";

const plan = planOf("int4(asym)/4", 1, 4);

it("a zero point is -min over the scale, to the nearest, ties to even, among the codes", () => {
  const of = (...lows: number[]) => lows.map((low) => zeroPointOf(plan, low, 2));
  expect(of(0, -2, -4.9, -5, -5.1, -7, -30, -31, -300, 6)).toEqual([0, 1, 2, 2, 3, 4, 15, 15, 15, 0]);
  expect([zeroPointOf(plan, -3, 0), zeroPointOf(plan, -3, Number.NaN)]).toEqual([0, 0]);
});

it("a zero point in a format of its own is a value of that format", () => {
  const e2m1 = planOf("int4(asym,zp=e2m1)/4", 1, 4);
  // E2M1 has 0, 0.5, 1, 1.5, 2, 3, 4 and 6: 5 is a tie and goes to the even 4, 15 saturates.
  expect([0, 1, 3, 5, 6, 15].map((z) => zeroPointOf(e2m1, -z, 1))).toEqual([0, 1, 3, 4, 6, 6]);
});

it("integers of as many codes and no fraction keep zero points as they are", () => {
  const integer = plan.element.integer!;
  const storage = (some: Partial<IntegerFormat>) =>
    ({ ...integer, frac: 0, min: 0, max: 15, ...some }) as IntegerFormat;
  const holds = (some: Partial<IntegerFormat>) => holdsCodes(storage(some), integer);
  expect([holds({}), holds({ max: 255 }), holds({ min: -128 })]).toEqual([true, true, true]);
  expect([holds({ max: 14 }), holds({ min: 1 }), holds({ frac: 1 })]).toEqual([false, false, false]);
  expect(holdsCodes(planOf("e4m3/4", 1, 4).element.format, integer)).toBe(false);
});
