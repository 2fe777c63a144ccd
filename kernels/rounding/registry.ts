import { type Args, argsOf } from "../grammar/args.ts";
import type { Call } from "../grammar/ast.ts";
import type { Entry, Parameter } from "../grammar/signature.ts";

const seed: Parameter = {
  key: "seed",
  kind: "integer",
  min: 0,
  max: 4294967295,
  default: 0,
  always: true,
  describe: "seed of the random bits",
};

/** Every rounding. "Nearest" compares the exact quotient with its two neighbours; "even" is the parity of the code. */
export const roundings: readonly Entry[] = [
  { name: "rne", describe: "nearest, ties to the even code (IEEE 754 default)", params: [] },
  { name: "away", describe: "nearest, ties away from zero", params: [] },
  { name: "inward", describe: "nearest, ties toward zero", params: [] },
  { name: "trunc", describe: "toward zero", params: [] },
  { name: "up", describe: "toward plus infinity", params: [] },
  { name: "down", describe: "toward minus infinity", params: [] },
  { name: "odd", describe: "to the neighbour with the odd code, unless exact", params: [] },
  {
    name: "sr",
    describe: "stochastic: up with the probability of the fraction, from n random bits",
    params: [
      {
        key: "bits",
        kind: "integer",
        min: 1,
        max: 32,
        default: 24,
        describe: "random bits compared with the fraction",
      },
      seed,
    ],
  },
  { name: "coin", describe: "stochastic: either neighbour with probability one half, unless exact", params: [seed] },
];

/** The arguments of a rounding. Throws RecipeError where they do not fit it. */
export const roundingArgs = (call: Call): Args =>
  argsOf(
    call,
    roundings.find(({ name }) => name === call.name),
  );
