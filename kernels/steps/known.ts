/**
 * The steps that are at hand. `index.ts`, the list of all, provides them when it is loaded: programs import it first, while the page and
 * its workers, whose first figures have no step, load it when a recipe names one, or soon after. Nothing else keeps a list of its own.
 */
import type { Step } from "./step.ts";

let known: readonly Step[] = [];
let byName: ReadonlyMap<string, Step> = new Map();
const waiting = new Set<() => void>();

/** Makes these the steps that there are. */
export function provideSteps(steps: readonly Step[]): void {
  known = steps;
  byName = new Map(steps.map((step) => [step.entry.name, step]));
  for (const heard of waiting) heard();
}

/** Every step at hand; the same list as long as none came. */
export const knownSteps = (): readonly Step[] => known;

/** The step of this name; undefined if there is none at hand. */
export const stepNamed = (name: string): Step | undefined => byName.get(name);

/** Calls back when steps came. Gives what ends that. */
export function whenStepsCome(heard: () => void): () => void {
  waiting.add(heard);
  return () => waiting.delete(heard);
}

/** Whether a text of the notation, or a link that holds some, may name a step: it is joined to its recipe by a plus. */
export const maySayStep = (text: string): boolean => /\+|%2b/i.test(text);
