import { type Args, argsOf } from "../grammar/args.ts";
import type { Call } from "../grammar/ast.ts";
import type { Entry, Parameter } from "../grammar/signature.ts";

const power: Parameter = { key: "p", kind: "number", min: 0.1, max: 16, default: 2, describe: "power of the error" };

/** What both searches over factors of the clip take; what they do with it differs. */
const grid = { key: "grid", kind: "integer", min: 1, max: 4096, default: 100 } as const;
const least = { key: "least", kind: "number", min: 0, max: 1, default: 0.2 } as const;

/** Every rule that picks the clip of a block, from which the ideal scale follows. */
export const rules: readonly Entry[] = [
  { name: "absmax", describe: "largest magnitude of the block", params: [] },
  { name: "minmax", describe: "smallest and largest value, extended to hold zero (affine formats)", params: [] },
  {
    name: "pct",
    describe: "percentile of the magnitudes, nearest rank",
    params: [{ key: "p", kind: "number", min: 0, max: 100, positional: true, describe: "percentile, up to 100" }],
  },
  {
    name: "mse",
    describe:
      "search for the stored scale with the least sum of |error|^p, above the largest magnitude too: every code of a scale " +
      "of at most 8 bits, a grid of factors otherwise",
    params: [
      power,
      {
        ...grid,
        describe: "steps from 1 down to the least factor, of the same length above 1; scales of more than 8 bits only",
      },
      { ...least, describe: "least factor tried; scales of more than 8 bits only" },
      {
        key: "most",
        kind: "number",
        min: 1,
        max: 4,
        default: 1.5,
        describe: "largest factor tried; scales of more than 8 bits only",
      },
    ],
  },
  {
    name: "shrink",
    describe: "grid search over shrunken clips alone for the least sum of |error|^p (FlatQuant, llm-compressor)",
    params: [
      power,
      { ...grid, describe: "steps from 1 down to the smallest factor" },
      { ...least, describe: "smallest factor tried" },
    ],
  },
  {
    name: "rms",
    describe:
      "a multiple of the root mean square, about zero and not about the mean; without a factor, the clip that is optimal for a Gaussian",
    params: [{ key: "k", kind: "number", min: 0, positional: true, optional: true, describe: "factor" }],
  },
  {
    name: "std",
    describe:
      "a multiple of the standard deviation about the block's mean; without a factor, the clip that is optimal for a Gaussian",
    params: [{ key: "k", kind: "number", min: 0, positional: true, optional: true, describe: "factor" }],
  },
  {
    name: "absmean",
    describe: "a multiple of the mean magnitude",
    params: [{ key: "k", kind: "number", min: 0, default: 1, positional: true, describe: "factor" }],
  },
  {
    name: "mx",
    describe: "power of two from the exponent of amax less that of the format's largest value (OCP MX)",
    params: [
      {
        key: "how",
        kind: "word",
        words: ["floor", "ceil", "even", "rceil"],
        default: "floor",
        positional: true,
        always: true,
        describe: "how the mantissa of amax is rounded away",
      },
    ],
  },
  {
    name: "rceil",
    describe: "power of two: amax over the format's largest value, rounded up (with e8m0 the same as :e8m0@up)",
    params: [],
  },
];

/** The arguments of a scale rule. Throws RecipeError where they do not fit it. */
export const ruleArgs = (call: Call): Args =>
  argsOf(
    call,
    rules.find(({ name }) => name === call.name),
  );
