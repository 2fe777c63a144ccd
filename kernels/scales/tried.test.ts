import { expect, it } from "vitest";
import { planOf } from "../testing/matrix.ts";
import { mostCandidates, searchesCodes, searchOf, stepsAbove, triesOf } from "./tried.ts";

it("a grid has as many steps above as fit, whatever the division rounds", () => {
  const rule = { grid: 100, least: 0.2, most: 1.5 };
  expect(stepsAbove(rule)).toBe(62);
  expect(stepsAbove({ ...rule, most: 1 })).toBe(0);
  expect(stepsAbove({ ...rule, grid: 10, least: 0.9, most: 1.1 })).toBe(10);
});
it("a format of 256 codes is searched code by code, a wider one is not", () => {
  const of = (storage: string) => searchesCodes(planOf(`int4/4~mse:${storage}`, 1, 4).levels[0]);
  expect([of("e8m0"), of("uint8"), of("e5m3"), of("f16"), of("f32")]).toEqual([true, true, false, false, false]);
});

it("what is tried a block is counted for searches alone", () => {
  const tries = (recipe: string) => triesOf(planOf(recipe, 1, 4));
  expect(["int4/4", "int4", "int4/4~rms(2)", "mxfp4"].map(tries)).toEqual([0, 0, 0, 0]);
  expect(tries("int4/4~shrink(grid=17)")).toBe(17);
  expect(tries("int4/4~mse(grid=17)")).toBe(mostCandidates(planOf("int4/4~mse(grid=17)", 1, 4)));
  for (const recipe of ["int4/4", "int4", "int4/4~shrink"]) {
    expect(() => searchOf(planOf(recipe, 1, 4)), recipe).toThrow("a plan without a search");
  }
});
