import { expect, it } from "vitest";
import { expandSweep, parseSweep } from "../../../kernels/sweep/index.ts";
import { costWords, durationWords, rateOf, secondsOf, valuesOf, workOf } from "./cost.ts";
import type { SweepRun } from "./store.ts";

function runOf(grid: string, elements: number, phases = 0): SweepRun {
  const { recipes } = expandSweep(parseSweep(grid));
  return {
    ...{ key: "", grid, recipes, points: [], notes: [], complete: false, seconds: 0, small: [] },
    request: { targets: [], recipes: recipes.map((r) => r.text), definitions: [], phases, backend: null },
    tensors: [
      { name: "w", shape: [elements / 2, 2], elements },
      { name: "v", shape: [elements, 1], elements },
    ],
  };
}

it("what a sweep takes is its values, those of searches many times over", () => {
  expect(valuesOf(runOf("(int4,nf4)/32", 1000))).toBe(4000);
  expect(valuesOf(runOf("(int4,nf4)/32", 1000, 8))).toBe(32_000);
  expect(workOf(runOf("int4/32~(absmax,mse)", 1000))).toBe(2000 * 11);
  expect(workOf(runOf("int4/32~(absmax,mse(p=2.4,grid=20))", 1000))).toBe(2000 * 11);
  expect(workOf(runOf("int4/32~(absmax,shrink(grid=20))", 1000))).toBe(2000 * 31);
  expect(workOf(runOf("(q8_0,int4@coin(seed=1)/32)", 1000))).toBe(2000 * 20);
});

it("its time follows the rate of the last one, once that could be told", () => {
  const run = runOf("(int4,nf4)/32", 1e9);
  expect(secondsOf(run, null, 2)).toBe(20);
  expect(secondsOf(run, rateOf(1e9, 0.5), 2)).toBe(2);
  expect([rateOf(1000, 0.5), rateOf(1e9, 0)]).toEqual([null, null]);
  expect(costWords(run, 20)).toBe("2 recipes × 2G values, about 20 s here");
  expect([0.2, 40, 300, 8000].map(durationWords)).toEqual([
    ...["about a second", "about 40 s", "about 5 min", "about 2 h"],
  ]);
});
