import { blockQuantizers } from "../ggml/names.ts";
import { type Args, argsOf } from "../grammar/args.ts";
import type { Call } from "../grammar/ast.ts";
import type { Entry, Parameter } from "../grammar/signature.ts";

/** Options every element format takes; library presets set them. */
const common: Parameter[] = [
  {
    key: "sat",
    kind: "word",
    words: ["clamp", "nan", "inf"],
    default: "clamp",
    roles: ["cast", "element"],
    describe: "what a value beyond the range gives",
  },
  {
    key: "zero",
    kind: "number",
    words: ["ideal", "min"],
    default: "ideal",
    min: 0,
    roles: ["element"],
    describe:
      "the scale of an all-zero block: the ideal (zero) rounded, the smallest the scale format has, or a number",
  },
  {
    key: "nonfinite",
    kind: "word",
    words: ["skip", "poison"],
    default: "skip",
    roles: ["element"],
    describe: "a NaN or Inf is left out of its block's scale, or makes the whole block NaN",
  },
  {
    key: "arith",
    kind: "word",
    words: ["exact", "bnb", "torchao", "modelopt"],
    default: "exact",
    roles: ["element"],
    describe: "exact, or the float32 arithmetic of a library",
  },
  {
    key: "least",
    kind: "number",
    min: 0,
    default: 0,
    roles: ["scale"],
    describe: "stored scales below this are raised to it (as a scale format)",
  },
  {
    key: "offset",
    kind: "word",
    words: ["none", "mean"],
    default: "none",
    roles: ["scale"],
    describe: "subtract the mean before quantizing (as a scale format)",
  },
];

const top: Parameter = {
  key: "top",
  kind: "word",
  words: ["none", "nan", "ieee", "fnuz"],
  optional: true,
  describe: "what the top codes mean: all numbers, one NaN, IEEE's Inf and NaNs, or FNUZ",
};
const bias: Parameter = {
  key: "bias",
  kind: "integer",
  min: -512,
  max: 512,
  optional: true,
  describe: "exponent bias",
};

const integerParams: Parameter[] = [
  {
    key: "range",
    kind: "word",
    words: ["narrow", "full", "half", "signmax", "asym"],
    default: "narrow",
    positional: true,
    describe:
      "narrow: -qmax..qmax, amax/qmax; full: two's complement, amax/qmax; half: two's complement, amax/((2^b-1)/2); " +
      "signmax: the signed maximum over -2^(b-1); asym: affine with a zero point",
  },
  {
    key: "zp",
    kind: "quantizer",
    optional: true,
    needs: { key: "range", word: "asym" },
    describe: "how the zero point is stored (asym only)",
  },
  { key: "frac", kind: "integer", min: 0, max: 16, default: 0, describe: "fraction bits: values are code / 2^frac" },
  ...common,
];

const float = (name: string, describe: string, params: Parameter[] = []): Entry => ({
  name,
  describe,
  params: [...params, ...common],
});

const widths = [1, 2, 3, 4, 5, 6, 7, 8];

/** Stands for results that another program made: a name in recipes that has no levels of its own. */
export const GIVEN = "given";
/** Checkpoints that may stand beside the one that is looked at. */
export const MOST_GIVEN = 4;

/** Every format with a name of its own. ExMy names beyond these are built by `formatEntry`. */
export const formats: readonly Entry[] = [
  ...widths.map((b) => ({ name: `int${b}`, describe: `${b}-bit integer`, params: integerParams })),
  ...widths.map((b) => ({
    name: `uint${b}`,
    describe: `${b}-bit unsigned integer, mostly for scales`,
    params: common,
  })),
  ...widths.map((b) => ({
    name: `bipolar${b}`,
    describe: `${b}-bit bipolar: odd integers from -(2^${b}-1) to 2^${b}-1`,
    params: common,
  })),
  float("f32", "float32, the value itself"),
  float("tf32", "TensorFloat-32: E8M10"),
  float("bf16", "bfloat16: E8M7"),
  float("f16", "IEEE half precision: E5M10"),
  float("e4m3", "OCP FP8 E4M3: max 448, one NaN, no Inf", [bias, top]),
  float("e4m3ieee", "IEEE-like FP8 E4M3: max 240, Inf and NaNs"),
  float("e4m3fnuz", "FP8 E4M3 FNUZ: bias 8, max 240, NaN at negative zero"),
  float("e4m3b11fnuz", "FP8 E4M3 with bias 11, FNUZ: max 30"),
  float("e5m2", "OCP FP8 E5M2: max 57344, Inf and NaNs", [bias, top]),
  float("e5m2fnuz", "FP8 E5M2 FNUZ: bias 16, max 57344"),
  float("e3m4ieee", "IEEE-like FP8 E3M4: max 15.5, Inf and NaNs"),
  float("e3m2", "OCP FP6 E3M2: max 28", [bias, top]),
  float("e2m3", "OCP FP6 E2M3: max 7.5", [bias, top]),
  float("e2m1", "OCP FP4 E2M1: max 6", [bias, top]),
  float("e8m0", "OCP scale: powers of two from 2^-127 to 2^127, one NaN, no zero, no sign"),
  float("ue4m3", "unsigned E4M3: max 448, one NaN", [bias, top]),
  float("ue5m3", "unsigned E5M3: every code a number, max 122880; with top=nan 114688", [bias, top]),
  float("nf4", "NormalFloat 4: quantiles of a Gaussian (QLoRA)"),
  float("bnbfp4", "bitsandbytes FP4: twelfths, not E2M1"),
  float("af4", "AbnormalFloat 4 for blocks of 64"),
  float("dynamic8", "bitsandbytes dynamic 8-bit map"),
  float("binary", "-1 and 1"),
  float("ternary", "-1, 0 and 1"),
  {
    name: "codebook",
    describe: "levels of one's own",
    params: [{ key: "values", kind: "values", positional: true, describe: "the levels, ascending" }, ...common],
  },
  ...blockQuantizers.map(({ name, describe }) => ({ name, describe, params: [], whole: true })),
  {
    name: "vq",
    describe: "vectors of a few values of a row, each the nearest of k that k-means finds for the tensor",
    whole: true,
    params: [
      { key: "dim", kind: "integer", min: 1, max: 16, default: 4, positional: true, describe: "values a vector" },
      {
        key: "k",
        kind: "integer",
        min: 2,
        max: 65536,
        default: 256,
        positional: true,
        describe: "vectors in the codebook",
      },
      {
        key: "seed",
        kind: "integer",
        min: 0,
        max: 4294967295,
        default: 0,
        always: true,
        describe: "seed of the vectors that k-means begins with",
      },
      { key: "book", kind: "quantizer", optional: true, describe: "how the codebook is stored: f16 if not said" },
    ],
  },
  {
    name: GIVEN,
    describe: "the tensor of that name in another checkpoint, as another program made it",
    whole: true,
    params: [
      {
        key: "of",
        kind: "integer",
        min: 1,
        max: MOST_GIVEN,
        default: 1,
        positional: true,
        describe: "which of the other checkpoints",
      },
      {
        key: "bits",
        kind: "number",
        min: 0,
        optional: true,
        describe: "bits a weight, where its file does not tell",
      },
    ],
  },
];

const named = new Map(formats.map((f) => [f.name, f]));
/** Exponent and mantissa widths of an ExMy name, or null. Exponents 0 to 8, mantissas 0 to 10 bits, one bit at least. */
export function exmy(name: string): { unsigned: boolean; exponentBits: number; mantissaBits: number } | null {
  const m = /^(u?)e([0-8])m(10|[0-9])$/.exec(name);
  if (!m) return null;
  const [exponentBits, mantissaBits] = [Number(m[2]), Number(m[3])];
  return exponentBits + mantissaBits === 0 ? null : { unsigned: m[1] === "u", exponentBits, mantissaBits };
}

/** The signature of a format by name, registered or ExMy; undefined if the name is no format. */
export function formatEntry(name: string): Entry | undefined {
  const known = named.get(name);
  if (known) return known;
  const shape = exmy(name);
  if (!shape) return undefined;
  const sign = shape.unsigned ? "unsigned float" : "float";
  return float(name, `${sign}, ${shape.exponentBits} exponent and ${shape.mantissaBits} mantissa bits`, [bias, top]);
}

/** The arguments of a format. Throws RecipeError where they do not fit it. */
export const formatArgs = (call: Call): Args => argsOf(call, formatEntry(call.name));
