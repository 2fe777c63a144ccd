import { formatEntry, formats } from "../formats/registry.ts";
import type { Vocabulary } from "../grammar/signature.ts";
import { roundings } from "../rounding/registry.ts";
import { rules } from "../scales/rules/index.ts";
import { knownSteps } from "../steps/known.ts";
import type { Step } from "../steps/step.ts";
import { aliases } from "./aliases.ts";

let told: { of: readonly Step[]; entries: Vocabulary["steps"] } = { of: [], entries: [] };

function stepEntries(steps: readonly Step[]): Vocabulary["steps"] {
  if (told.of !== steps) {
    const place = (entry: Step["entry"]) => (entry.place === "correction" ? ("after" as const) : ("before" as const));
    told = { of: steps, entries: steps.map(({ entry }) => ({ ...entry, place: place(entry) })) };
  }
  return told.entries;
}

/** Every name the notation knows, gathered from the registries. */
export const vocabulary: Vocabulary = {
  format: formatEntry,
  formats,
  roundings,
  rules: rules.map(({ entry }) => entry),
  // Those that are at hand: more may come.
  get steps() {
    return stepEntries(knownSteps());
  },
  aliases,
};
