/** A recipe in plain words, for who has not learned the notation yet. */

import type { Arg, BlockShape, Call, Quantizer, Recipe } from "../../kernels/grammar/ast.ts";
import type { Entry } from "../../kernels/grammar/signature.ts";
import { type NotationOptions, numberArg, printRecipe, wordArg } from "../../kernels/notation/index.ts";
import { vocabulary } from "../../kernels/notation/vocabulary.ts";
import { stepNamed } from "../../kernels/steps/known.ts";
import { recipeRemarks } from "./recipeRemarks.ts";

/** An argument as the notation has it; a word as its parameter's description explains it, where that does. */
function argWords({ params }: Entry, { key, value }: Arg): string {
  if (value.type === "recipe") return `${key} ${printRecipe(value.recipe)}`;
  if (value.type === "call") return value.call.name;
  if (value.type === "number") return `${key === null ? "" : `${key} `}${value.value}`;
  const param = params.find((p) => (key === null ? p.words?.includes(value.value) : p.key === key));
  const explained = param?.describe.split("; ").find((part) => part.startsWith(`${value.value}: `));
  return explained?.slice(value.value.length + 2) ?? `${key === null ? "" : `${key} `}${value.value}`;
}

/** A name's description, with what it is given besides the values of a codebook and, for a step, its size. */
function told(entry: Entry | undefined, { name, args }: Call): string {
  if (!entry) return name;
  const listed = entry.params.find((param) => param.kind === "values");
  const size = numberArg({ name, args }, "n");
  const numbers = args.filter(({ key, value }) => key === null && value.type === "number");
  const left = listed || size !== null ? args.filter((arg) => !numbers.includes(arg)) : args;
  const given = [
    ...(listed ? [`${numbers.length} of them`] : []),
    ...(size === null ? [] : [`${size} values at a time`]),
    ...left.map((arg) => argWords(entry, arg)),
  ];
  return given.length === 0 ? entry.describe : `${entry.describe} (${given.join(", ")})`;
}

const toldOf = (entries: readonly Entry[], call: Call): string =>
  told(
    entries.find(({ name }) => name === call.name),
    call,
  );

/** Formats of scales by the names people call them. */
const scaleNames: Readonly<Record<string, string>> = { f32: "float32", f16: "float16", bf16: "bfloat16" };

function blockWords(block: BlockShape): string {
  switch (block.kind) {
    case "run":
      return `blocks of ${block.n} along the row`;
    case "flat":
      return `blocks of ${block.n} across rows`;
    case "tile":
      return `blocks of ${block.rows} by ${block.cols}`;
    case "row":
    case "tensor":
      return `one block a ${block.kind}`;
    case "col":
      return "one block a column";
  }
}

/** How scales are rounded, raised and shifted before they are stored, where anything is said of it. */
function optionWords({ base, rounding }: Quantizer): string[] {
  const least = numberArg(base, "least");
  const up = rounding?.name === "up" && base.name === "e8m0";
  return [
    ...(rounding ? [up ? "rounded up (rceil)" : `rounded ${toldOf(vocabulary.roundings, rounding)}`] : []),
    ...(least === null ? [] : [`at least ${least}`]),
    ...(wordArg(base, "offset") === "mean" ? ["less their mean"] : []),
  ];
}

/** How the scales are stored, level by level. */
function scaleWords(scale: Quantizer | null): string {
  if (!scale) return "float32 scales";
  const { name } = scale.base;
  const what = name === "e8m0" ? "power-of-two scales" : `${scaleNames[name] ?? name.toUpperCase()} scales`;
  const own = [what, ...optionWords(scale)].join(", ");
  if (!scale.block) return own;
  return `${own}, which have ${blockWords(scale.block)} and ${scaleWords(scale.scale)} in turn`;
}

/**
 * What is done to the values, in the order of doing it, and after a full stop what that leaves open. Without the end of
 * the last sentence.
 */
export function recipeWords({ before, quantizer, after }: Recipe, options: NotationOptions): string {
  const alone = printRecipe({ before: [], quantizer, after: [] }, options);
  const alias = vocabulary.aliases.find(({ name }) => name === alone);
  const { base, block, rule, rounding, scale } = quantizer;
  const steps = before.map((step) => toldOf(vocabulary.steps, step));
  const core = alias
    ? [alias.describe]
    : [
        told(vocabulary.format(base.name), base),
        ...(block ? [blockWords(block), scaleWords(scale)] : []),
        ...(rule ? [`scale: ${toldOf(vocabulary.rules, rule)}`] : []),
        ...(rounding ? [`rounded ${toldOf(vocabulary.roundings, rounding)}`] : []),
      ];
  const done = [...steps, ...core, ...after.map((step) => toldOf(vocabulary.steps, step))].join("; ");
  const folds = before.flatMap(({ name }) => {
    const { folds: into, costs } = stepNamed(name)?.entry ?? {};
    return [...(into ? [`in use, ${name} folds ${into}`] : []), ...(costs ? [`in use, ${name} costs ${costs}`] : [])];
  });
  const open = [...folds, ...recipeRemarks(quantizer, alias?.name ?? null)].map(
    (text) => text[0].toUpperCase() + text.slice(1),
  );
  return [done, ...open].join(". ");
}
