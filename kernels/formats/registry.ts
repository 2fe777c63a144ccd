/** Every format of the notation. Names are disjoint from those of roundings, scale rules and steps. */
import { type Args, argsOf } from "../grammar/args.ts";
import type { Call } from "../grammar/ast.ts";
import { RecipeError } from "../grammar/errors.ts";
import type { Entry } from "../grammar/signature.ts";
import { choices, elementsOf } from "./known/choices.ts";
import { bipolars, codebooks } from "./known/codebooks.ts";
import { floats, unnamedFloat } from "./known/floats.ts";
import type { Family, KnownFormat } from "./known/format.ts";
import { integers, wideInteger } from "./known/integers.ts";
import { blocks, codes, given, module } from "./known/whole.ts";
import type { Format } from "./types.ts";

export { exmy } from "./known/floats.ts";
export { GIVEN, MODULE, MOST_GIVEN } from "./known/whole.ts";

const known: readonly KnownFormat[] = [
  ...integers,
  ...bipolars,
  ...floats,
  ...codebooks,
  ...choices((call) => buildFormat(call)),
  ...blocks((name) => buildFormat({ name, args: [] })),
  ...codes,
  module,
  given,
];

const byName = new Map(known.map((format) => [format.entry.name, format]));

/** Every format with a name of its own. ExMy names beyond these are understood too: see `formatEntry`. */
export const formats: readonly Entry[] = known.map(({ entry }) => entry);

const formatNamed = (name: string): KnownFormat | null => byName.get(name) ?? unnamedFloat(name) ?? wideInteger(name);

/** The signature of a format by name, registered or ExMy; undefined if the name is no format. */
export const formatEntry = (name: string): Entry | undefined => formatNamed(name)?.entry;

/** What a format is listed under; undefined if the name is no format. */
export const familyOf = (name: string): Family | undefined => formatNamed(name)?.family;

/** The arguments of a format. Throws RecipeError where they do not fit it. */
export const formatArgs = (call: Call): Args => argsOf(call, formatEntry(call.name));

/** The format that a base call names. Throws RecipeError where its arguments make no format. */
export function buildFormat(call: Call): Format {
  const format = formatNamed(call.name);
  if (!format) throw new RecipeError(`${call.name} is not a format`);
  return format.build(formatArgs(call), call);
}

/** The elements among which each block of this call chooses one; null for any other format. */
export const choiceOf = (call: Call): Call[] | null => elementsOf(call.name, formatArgs(call));

/** Whether the integers of this call are affine: they carry a zero point. */
export const isAffine = (call: Call): boolean => formatNamed(call.name)?.isAffine?.(formatArgs(call)) ?? false;

/**
 * What the clip is divided by to give the ideal scale, where the format says so; else it is the largest level. Throws RecipeError where
 * the format takes no scale.
 */
export function ownDivisor(call: Call): number | null {
  const args = formatArgs(call);
  const own = formatNamed(call.name)?.divisor?.(args) ?? null;
  const reach = args.number("reach");
  if (reach !== null && (isAffine(call) || (own ?? 1) < 0)) {
    throw new RecipeError(
      "reach= is for symmetric formats: an affine range and a signed maximum have ends of their own",
    );
  }
  return reach ?? own;
}
