import { formatEntry, formats } from "../formats/registry.ts";
import type { Vocabulary } from "../grammar/signature.ts";
import { roundings } from "../rounding/registry.ts";
import { knownRules } from "../scales/rules/known.ts";
import { knownSteps } from "../steps/known.ts";
import type { Step } from "../steps/step.ts";
import { aliases } from "./aliases.ts";

/** Made anew when the list it is made of becomes another. */
function once<T, U>(list: () => T, make: (of: T) => U): () => U {
  let told: { of: T; made: U } | null = null;
  return () => {
    const of = list();
    if (told?.of !== of) told = { of, made: make(of) };
    return told.made;
  };
}

const placeOf = ({ place }: Step["entry"]) => (place === "correction" ? ("after" as const) : ("before" as const));
const stepEntries = once(knownSteps, (steps) => steps.map(({ entry }) => ({ ...entry, place: placeOf(entry) })));
const ruleEntries = once(knownRules, (rules) => rules.map(({ entry }) => entry));

/** Every name the notation knows, gathered from the registries. */
export const vocabulary: Vocabulary = {
  format: formatEntry,
  formats,
  roundings,
  // Those that are at hand: more may come.
  get rules() {
    return ruleEntries();
  },
  get steps() {
    return stepEntries();
  },
  aliases,
};
