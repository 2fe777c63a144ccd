import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandSweep, parseSweep } from "../../../kernels/sweep/index.ts";
import type { SweepPoint } from "../../../workers/jobs/sweep/request.ts";
import { keptPoints, missingRecipes, spread } from "./order.ts";
import type { SweepRun } from "./store.ts";

const recipesOf = (grid: string) => expandSweep(parseSweep(grid)).recipes;

function runOf(grid: string, tensors = ["w"], phases = 0): SweepRun {
  const recipes = recipesOf(grid);
  const targets = tensors.map((tensor) => ({ source: "s1", tensor, view: { split: 1, transpose: false } }));
  return {
    ...{ key: grid, grid, recipes, points: [], notes: [], complete: true, seconds: 1, small: [] },
    request: { targets, recipes: recipes.map((r) => r.text), definitions: [], phases, backend: null },
    tensors: tensors.map((name) => ({ name, shape: [2, 2], elements: 4 })),
  };
}
const point = (run: SweepRun, target: number, recipe: number, error: string | null = null): SweepPoint => ({
  ...{ target, recipe, text: run.recipes[recipe].text, phase: null, measured: null, backend: null, error },
  metrics: error === null ? ({ nmse: 0.1 } as SweepPoint["metrics"]) : null,
});

describe("the order of computing", () => {
  it("takes each recipe once, one rotation after the other", () => {
    const recipes = recipesOf("(none,ht(32),ht(64))+(int2,int3,int4,int6,nf4)/(16,32,64)");
    fc.assert(
      fc.property(fc.subarray([...recipes.keys()]), (places) => {
        const order = spread(recipes, places);
        expect([...order].sort((a, b) => a - b)).toEqual(places);
        const steps = order.map((i) => recipes[i].parts.steps);
        expect(steps.filter((s, i) => s !== steps[i - 1]).length).toBe(new Set(steps).size);
      }),
    );
  });

  it("has points from everywhere among the first ones", () => {
    const recipes = recipesOf("(int2,int3,int4,int5,int6,int7,int8)/(16,32,64,128,256,row)");
    const first = spread(recipes, [...recipes.keys()]).slice(0, 14);
    expect(new Set(first.map((i) => recipes[i].parts.base)).size).toBe(7);
  });
});

describe("what is known already", () => {
  it("is taken over for the same tensors, at its new places, but not what failed", () => {
    const run = runOf("(int3,int4)/(32,64)");
    run.points = [point(run, 0, 3), point(run, 0, 0), point(run, 0, 1, "no")];
    const next = runOf("nf4/64;(int3,int4)/(32,64)");
    const kept = keptPoints(run, next);
    expect(kept.map(({ text, recipe }) => [text, recipe])).toEqual([
      ["int4/64", 4],
      ["int3/32", 1],
    ]);
    expect(missingRecipes(next, kept)).toEqual([0, 2, 3]);
    expect(keptPoints(run, runOf("(int3,int4)/(32,64)", ["other"]))).toEqual([]);
    expect(keptPoints(run, runOf("(int3,int4)/(32,64)", ["w"], 4))).toEqual([]);
  });

  it("is whole recipes: those that have points for every tensor", () => {
    const run = runOf("int4/(32,64)", ["u", "w"]);
    run.points = [point(run, 0, 0), point(run, 1, 0), point(run, 0, 1), point(run, 1, 1, "no")];
    expect(keptPoints(run, runOf("int4/(32,64)", ["u", "w"])).map((p) => [p.target, p.recipe])).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });
});
