/** What the lists of the controls offer, gathered from the registries. */

import type { Family } from "../../kernels/formats/known/format.ts";
import { familyOf, isAffine, MODULE } from "../../kernels/formats/registry.ts";
import type { Definition, Quantizer } from "../../kernels/grammar/ast.ts";
import type { Entry } from "../../kernels/grammar/signature.ts";
import { vocabulary } from "../../kernels/notation/vocabulary.ts";
import { USUAL_ROUNDING } from "../../kernels/rounding/registry.ts";
import { usualRule } from "../../kernels/scales/rules/known.ts";
import type { Place, Step } from "../../kernels/steps/step.ts";
import type { Choice } from "./fields.tsx";

const choiceOf = ({ name, describe }: Pick<Entry, "name" | "describe">): Choice => ({ value: name, describe });

/** Families of formats as lists name them, in their order. */
const labels: Record<Family, string> = {
  integers: "Integers",
  floats: "Floats",
  codebooks: "Codebooks",
  blocks: "Whole blocks (ggml)",
  given: "Whole blocks (ggml)",
  unsigned: "Unsigned and bipolar integers",
  vectors: "Vectors",
};

const formatGroups = [...new Set(Object.values(labels))].map((label) => ({
  label,
  choices: vocabulary.formats.filter(({ name }) => labels[familyOf(name)!] === label).map(choiceOf),
}));

/** The value of a choice that stands for a whole preset rather than an element format. */
export const PRESET = "preset:";

const describeOwn = ({ base }: Definition): string =>
  base.name === MODULE ? "a module of one's own" : "a codebook of one's own";

export function elementChoices(definitions: readonly Definition[]) {
  const presets = vocabulary.aliases.map((a) => ({ value: PRESET + a.name, label: a.name, describe: a.describe }));
  const named = definitions.map((d) => ({ value: PRESET + d.name, label: d.name, describe: describeOwn(d) }));
  return [
    ...formatGroups,
    { label: "Presets", choices: presets },
    ...(named.length > 0 ? [{ label: "Named here", choices: named }] : []),
  ];
}

const usualScales = ["f32", "f16", "bf16", "e8m0", "e4m3", "ue4m3", "ue5m3", "e5m2", "uint8", "int8"];

/** Formats for stored scales, the usual ones first. */
export const scaleChoices = [
  { label: "Usual", choices: vocabulary.formats.filter((f) => usualScales.includes(f.name)).map(choiceOf) },
  {
    label: "Others",
    choices: vocabulary.formats.filter((f) => !usualScales.includes(f.name) && !f.whole).map(choiceOf),
  },
];

const withUsual = (entries: readonly Entry[], usual: string) => [
  {
    label: null,
    choices: entries.map((e) => ({ ...choiceOf(e), value: e.name === usual ? "" : e.name, label: e.name })),
  },
];

export const roundingChoices = withUsual(vocabulary.roundings, USUAL_ROUNDING);
/** The rules at hand for a format. The notation takes `absmax` of an affine format for its usual rule, which is another. */
export const ruleChoices = ({ base }: Quantizer) => {
  const affine = isAffine(base);
  const rules = vocabulary.rules.filter((rule) => !affine || rule.name !== usualRule(false));
  return withUsual(rules, usualRule(affine));
};
/** Places of steps as lists name them, in the order in which they stand in a recipe. */
const places: Record<Place, string> = {
  transform: "Transforms",
  split: "Splits",
  solver: "Solvers",
  correction: "Corrections",
};

/** The steps at hand that may stand on a side of the quantizer. */
export const stepChoices = (side: "before" | "after", steps: readonly Step[]) => [
  { label: null, choices: [{ value: "", label: "none" }] },
  ...Object.entries(places)
    .filter(([place]) => (place === "correction") === (side === "after"))
    .map(([place, label]) => ({
      label,
      choices: steps.filter(({ entry }) => entry.place === place).map(({ entry }) => choiceOf(entry)),
    })),
];
