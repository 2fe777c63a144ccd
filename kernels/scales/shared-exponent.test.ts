import { expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { powersFrom } from "./shared-exponent.ts";

const exponentOf = (recipe: string) => planOf(recipe, 1, 32).levels[0].rule.exponent;

it("has its exponent from the largest value, and rceil from the divisor", () => {
  expect(exponentOf("e2m1/32~mx(floor):e8m0")).toEqual({ shift: 2, from: 2 });
  expect(exponentOf("e2m1/32~mx(ceil):e8m0")).toEqual({ shift: 2, from: 1 + 2 ** -52 });
  expect(exponentOf("e2m1/32~mx(even):e8m0")).toEqual({ shift: 2, from: 1.75 });
  expect(exponentOf("e2m1/32~mx(rceil):bf16")).toEqual({ shift: 2, from: 1.5 + 2 ** -52 });
  expect(exponentOf("int4/32~mx(even):e8m0")).toEqual({ shift: 2, from: 2 - 2 ** -3 });
});
it("the powers of two of ~mx begin at the largest magnitude's less that of the largest level", () => {
  const of = (recipe: string) => {
    const plan = planOf(recipe, 1, 4);
    return powersFrom(plan.element, plan.levels[0]);
  };
  expect(of("e2m1/4~mse")).toEqual({ exponent: 2, count: 2 });
  expect(of("e4m3/4~mse")).toEqual({ exponent: 8, count: 2 });
  // INT4 counts to 8 in its full range; divided is by 7.5.
  expect(of("int4(half)/4~mse")).toEqual({ exponent: 3, count: 3 });
  for (const recipe of ["nf4/4~mse", "int4(asym)/4~mse", "int4(signmax)/4~mse"]) expect(of(recipe)).toBeNull();
});
