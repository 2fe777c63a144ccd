import { expect, it } from "vitest";
import { meanSpread, SEEDS, seededRecipes, seedSpread } from "./seededRecipes.ts";

const seeded = (recipe: string, definitions: string[] = []) => seededRecipes({ recipe, definitions });

it("finds every seed of a recipe, and counts on from its own", () => {
  expect(seeded("nvfp4")).toBeNull();
  expect(seeded("nonsense(")).toBeNull();
  const all = seeded("rht(64,seed=7)+int4@sr(seed=2)/128:f16@sr(seed=9)")!;
  expect(all).toHaveLength(SEEDS);
  expect(all[0]).toBe("rht(64,seed=7)+int4@sr(seed=2)/128:f16@sr(seed=9)");
  expect(all[2]).toBe("rht(64,seed=9)+int4@sr(seed=4)/128:f16@sr(seed=11)");
  expect(new Set(all).size).toBe(SEEDS);
  expect(seeded("rht(8,seed=4294967295)+int4/8")?.[1]).toBe("rht(8,seed=0)+int4/8");
  expect(seeded("my@coin(seed=1)/64", ["my:=codebook(-1,0,1)"])?.[1]).toBe("my@coin(seed=2)/64");
});

it("takes mean and sample standard deviation, or nothing where there are none", () => {
  expect(meanSpread([1, 2, 3, 4])).toEqual({ mean: 2.5, spread: Math.sqrt(5 / 3) });
  expect(meanSpread([1])).toBeNull();
  expect(meanSpread([1, Number.NaN])).toBeNull();
});

it("takes the difference seed by seed", () => {
  expect(seedSpread([20, 21, 22], [19, 20, 21], false)).toMatchObject({
    seeds: 3,
    difference: { mean: 1, spread: 0 },
    a: { mean: 21, spread: 1 },
    b: { mean: 20, spread: 1 },
  });
  expect(seedSpread([20, 22], [19], true)).toMatchObject({ b: null, difference: { mean: 2 }, sampled: true });
  expect(seedSpread([20, null], [19], false)).toBeNull();
});
