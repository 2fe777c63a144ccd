/** What a sweep takes, said before it begins. */
import { blockQuantizer } from "../../../kernels/ggml/names.ts";
import type { SweepRecipe } from "../../../kernels/sweep/index.ts";
import { formatShortCount } from "../../charts/numbers.ts";
import type { SweepRun } from "./store.ts";

/** A sweep that quantizes no more values than this, a second's work or so, begins by itself whenever it changes. */
export const AT_ONCE = 1e8;
/** One that a link brings begins by itself where it takes no longer than this; beyond it asks. */
export const ASK_SECONDS = 30;
/** Values a second and core, until a sweep has shown what this machine does: a cautious half of what a server's core does. */
const FIRST_RATE = 1e8;
/** Work from which on a rate can be told: starting the workers takes as long as less. */
const LEAST_WORK = 2e7;

/** The same for a step of a search: one runs on vectors, the other as it was written first. */
const STEP_WEIGHTS = { mse: 0.1, shrink: 1.5 };

/** How many times as long as most a recipe takes, roughly: searches try again and again, and not all roundings have fast paths. */
function weightOf({ parts: { rule, base, rounding } }: SweepRecipe): number {
  const search = /^(mse|shrink)/.exec(rule)?.[0] as keyof typeof STEP_WEIGHTS | undefined;
  if (search) {
    const steps = Number(/grid=(\d+)/.exec(rule)?.[1] ?? 100);
    // Powers take longer than squares.
    return steps * STEP_WEIGHTS[search] * (/p=[\d.]+/.test(rule) ? 5 : 1);
  }
  return blockQuantizer(base) || !/^(rne|away|sr)/.test(rounding) ? 10 : 1;
}

/** Values that the recipes of a sweep go over, each recipe's counted. */
export const valuesOf = ({ tensors, recipes, request }: SweepRun): number =>
  tensors.reduce((sum, t) => sum + t.elements, 0) * recipes.length * Math.max(1, request.phases);

/** The same, those of slow recipes counted as many times as they take longer. */
export const workOf = ({ tensors, recipes, request }: SweepRun): number =>
  tensors.reduce((sum, t) => sum + t.elements, 0) *
  recipes.reduce((sum, recipe) => sum + weightOf(recipe), 0) *
  Math.max(1, request.phases);

/** The rate that a sweep ran at; null where it was too short to tell. */
export const rateOf = (work: number, seconds: number): number | null =>
  work >= LEAST_WORK && seconds > 0 ? work / seconds : null;

/** Seconds that a sweep takes at a measured rate, or at a first guess for so many cores. */
export const secondsOf = (run: SweepRun, rate: number | null, cores: number): number =>
  workOf(run) / (rate ?? FIRST_RATE * Math.max(1, cores));

/** `about 40 s`, `about 5 min`, `about 3 h`. */
export function durationWords(seconds: number): string {
  if (seconds < 1.5) return "about a second";
  if (seconds < 90) return `about ${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} min`;
  return `about ${Math.round(seconds / 3600).toLocaleString("en")} h`;
}

/** `76 recipes × 1.2G values, about 5 min here`. */
export function costWords(run: SweepRun, seconds: number): string {
  const each = valuesOf(run) / run.recipes.length;
  const recipes = `${run.recipes.length.toLocaleString("en")} ${run.recipes.length === 1 ? "recipe" : "recipes"}`;
  return `${recipes} × ${formatShortCount(each)} values, ${durationWords(seconds)} here`;
}
