import { formatEntry, formats } from "../formats/registry.ts";
import type { Vocabulary } from "../grammar/signature.ts";
import { roundings } from "../rounding/registry.ts";
import { rules } from "../scales/rules/index.ts";
import { steps } from "../steps/index.ts";
import { aliases } from "./aliases.ts";

/** Every name the notation knows, gathered from the registries. */
export const vocabulary: Vocabulary = {
  format: formatEntry,
  formats,
  roundings,
  rules: rules.map(({ entry }) => entry),
  steps: steps.map(({ entry }) => ({ ...entry, place: entry.place === "correction" ? "after" : "before" })),
  aliases,
};
