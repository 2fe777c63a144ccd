/**
 * The steps that are at hand. `index.ts`, the list of all, provides them when it is loaded (see `kernels/grammar/arrivals.ts`). Nothing
 * else keeps a list of its own.
 */
import { arrived } from "../grammar/arrivals.ts";
import type { Step } from "./step.ts";

let known: readonly Step[] = [];
let byName: ReadonlyMap<string, Step> = new Map();

/** Makes these the steps that there are. */
export function provideSteps(steps: readonly Step[]): void {
  known = steps;
  byName = new Map(steps.map((step) => [step.entry.name, step]));
  arrived();
}

/** Every step at hand; the same list as long as none came. */
export const knownSteps = (): readonly Step[] => known;

/** The step of this name; undefined if there is none at hand. */
export const stepNamed = (name: string): Step | undefined => byName.get(name);
