/** In what order the recipes of a sweep are computed, and which need not be computed again. */
import type { SweepRecipe } from "../../../kernels/sweep/index.ts";
import type { SweepPoint } from "../../../workers/jobs/sweep/request.ts";
import { givenKey, inputsKeys, matrixKey } from "../../../workers/runs/identity.ts";
import type { SweepRun } from "./store.ts";

const GOLDEN = (Math.sqrt(5) - 1) / 2;

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** `[0, n)` so that every stretch of it is spread evenly over the whole. */
function strides(n: number): number[] {
  let stride = Math.max(1, Math.round(n * GOLDEN));
  while (commonDivisor(stride, n) > 1) stride++;
  return Array.from({ length: n }, (_, i) => (i * stride) % n);
}

/**
 * The places of some of the recipes in the order of computing: neighbours of a grid far apart, so that the first points
 * span the frontier, but one rotation after the other, since those that share one share its work.
 */
export function spread(recipes: readonly SweepRecipe[], places: readonly number[]): number[] {
  const bySteps = new Map<string, number[]>();
  for (const place of places) {
    const { steps } = recipes[place].parts;
    const group = bySteps.get(steps);
    if (group) group.push(place);
    else bySteps.set(steps, [place]);
  }
  return [...bySteps.values()].flatMap((group) => strides(group.length).map((i) => group[i]));
}

/** What a run is about, apart from its recipes. */
function about({ request: { targets, recipes: _, ...how } }: SweepRun): string {
  return JSON.stringify([targets.map((target) => [matrixKey(target), givenKey(target), inputsKeys(target)]), how]);
}

/** Points of a run that another one asks for as well, at their places there; recipes that failed anywhere are not among them. */
export function keptPoints(run: SweepRun, next: SweepRun): SweepPoint[] {
  if (about(run) !== about(next)) return [];
  const places = new Map(next.request.recipes.map((text, place) => [text, place]));
  const good = run.request.recipes.map(() => 0);
  for (const { recipe, metrics } of run.points) if (metrics) good[recipe]++;
  return run.points.flatMap((point) => {
    const place = places.get(run.request.recipes[point.recipe]);
    return place !== undefined && good[point.recipe] === run.tensors.length ? [{ ...point, recipe: place }] : [];
  });
}

/** The places of a run's recipes that have no points yet. */
export function missingRecipes(run: SweepRun, points: readonly SweepPoint[]): number[] {
  const there = new Set(points.map((point) => point.recipe));
  return [...run.request.recipes.keys()].filter((place) => !there.has(place));
}
