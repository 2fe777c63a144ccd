/** What A and B do in one place of the network. */
import type { LmTensor, Side } from "../../../workers/lm/request.ts";
import { elementsOf } from "./parts.ts";
import type { Place } from "./places.ts";
import type { ReadRules } from "./rules.ts";

export interface PlaceFigures {
  /** Recipes of its weights, each once; `null` for those that stay as they are stored. */
  recipes: readonly (string | null)[];
  /** Mean over elements: 0 where all stay; null where it is not known yet, or there is no signal. */
  nmse: number | null;
  bits: number | null;
  /** Results that are not finite where the value was. */
  broken: number;
  /** Weights whose figures are there, of those that a rule touches. */
  known: number;
  touched: number;
}

export type Tensors = Record<Side, ReadonlyMap<string, LmTensor>>;

export function placeFigures(place: Place, side: Side, rules: ReadRules, tensors: Tensors): PlaceFigures {
  const there = place.parts.filter((part) => !part.missing);
  const recipes = [...new Set(there.map((part) => rules.recipeOf(part.name)))];
  const touched = there.filter((part) => rules.recipeOf(part.name) !== null);
  // Figures of another recipe are not of this one.
  const done = touched.flatMap(({ name }) => {
    const one = tensors[side].get(name);
    return one && one.recipe === rules.recipeOf(name) ? [one] : [];
  });
  const elements = there.reduce((sum, part) => sum + elementsOf(part), 0);
  const whole = done.length === touched.length;
  const errors = done.every(({ nmse }) => nmse !== null);
  const own = new Map(done.map((one) => [one.name, one]));
  const bitsOf = there.map((part) => ({
    n: elementsOf(part),
    bits: own.get(part.name)?.bitsPerWeight ?? part.bitsPerWeight,
  }));
  return {
    recipes,
    nmse:
      there.length === 0 || !whole || !errors
        ? null
        : done.reduce((sum, one) => sum + (one.nmse ?? 0) * one.elements, 0) / Math.max(1, elements),
    bits:
      there.length === 0 || !whole || bitsOf.some(({ bits }) => bits === null)
        ? null
        : bitsOf.reduce((sum, { n, bits }) => sum + n * (bits ?? 0), 0) / Math.max(1, elements),
    broken: done.reduce((sum, one) => sum + one.broken, 0),
    ...{ known: done.length, touched: touched.length },
  };
}

/** The weight of a place that the Bench opens: the one with the largest error under a side, else the first. */
export function weightToOpen(place: Place, tensors: ReadonlyMap<string, LmTensor>): string | null {
  const there = place.parts.filter((part) => !part.missing);
  if (there.length === 0) return null;
  const error = (name: string) => tensors.get(name)?.nmse ?? -1;
  return there.reduce((worst, part) => (error(part.name) > error(worst.name) ? part : worst)).name;
}
