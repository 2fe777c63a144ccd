import { type Args, argsOf } from "../grammar/args.ts";
import type { Call } from "../grammar/ast.ts";
import type { Entry } from "../grammar/signature.ts";
import { modes, type RoundingMode } from "./modes/index.ts";

/** Every rounding that the notation names. "Nearest" compares the exact quotient with its two neighbours; "even" is the parity of the code. */
export const roundings: readonly (Entry & { name: RoundingMode })[] = modes.flatMap(({ name, entry }) =>
  entry ? [{ name, ...entry }] : [],
);

const byName: ReadonlyMap<string, Entry & { name: RoundingMode }> = new Map(roundings.map((e) => [e.name, e]));

export const roundingNamed = (name: string): (Entry & { name: RoundingMode }) | undefined => byName.get(name);

/** The arguments of a rounding. Throws RecipeError where they do not fit it. */
export const roundingArgs = (call: Call): Args => argsOf(call, roundingNamed(call.name));

/** The rounding that is meant where none is written. */
export const USUAL_ROUNDING: RoundingMode = "rne";
