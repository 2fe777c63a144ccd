import type { Top } from "../../exact/small-float.ts";
import type { Args } from "../../grammar/args.ts";
import { RecipeError } from "../../grammar/errors.ts";
import type { Parameter } from "../../grammar/signature.ts";
import type { FloatFormat } from "../types.ts";
import { COMMON, type KnownFormat } from "./format.ts";

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

/** Exponent and mantissa widths of an ExMy name, or null. Exponents 0 to 8, mantissas 0 to 10 bits, one bit at least. */
export function exmy(name: string): { unsigned: boolean; exponentBits: number; mantissaBits: number } | null {
  const m = /^(u?)e([0-8])m(10|[0-9])$/.exec(name);
  if (!m) return null;
  const [exponentBits, mantissaBits] = [Number(m[2]), Number(m[3])];
  return exponentBits + mantissaBits === 0 ? null : { unsigned: m[1] === "u", exponentBits, mantissaBits };
}

/** The usual bias 2^(E-1)-1; zero where there are no exponent bits to speak of; one more for FNUZ, which frees a code. */
function usualBias(exponentBits: number, top: Top): number {
  const bias = exponentBits === 0 ? 0 : 2 ** (exponentBits - 1) - 1;
  return top === "fnuz" ? bias + 1 : bias;
}

/** A float by its widths; `own` is what a name stands for that has a definition of its own, which arguments may still change. */
function floatFormat(name: string, shape: string, own: { top?: Top; bias?: number }, args: Args): FloatFormat {
  const { exponentBits, mantissaBits, unsigned } = exmy(shape)!;
  const top = (args.word("top") as Top | null) ?? own.top ?? "none";
  if (top === "ieee" && exponentBits === 0) {
    throw new RecipeError(`${name}(top=ieee) needs exponent bits to hold Inf and NaN`);
  }
  if (top === "fnuz" && unsigned) throw new RecipeError(`${name}(top=fnuz): an unsigned float has no negative zero`);
  // Of two magnitudes one is zero; the other must not be spent.
  if (exponentBits + mantissaBits === 1 && (top === "nan" || top === "ieee")) {
    throw new RecipeError(`${name}(top=${top}) has no number but zero`);
  }
  return {
    kind: "float",
    name,
    bits: exponentBits + mantissaBits + (unsigned ? 0 : 1),
    exponentBits,
    mantissaBits,
    bias: args.number("bias") ?? own.bias ?? usualBias(exponentBits, top),
    signed: !unsigned,
    top,
    subnormals: true,
  };
}

interface Definition {
  /** The ExMy whose widths it has; its own name where absent. */
  shape?: string;
  /** Every code is a number where absent. */
  top?: Top;
  /** The usual bias where absent. */
  bias?: number;
  /** Whether bias and top codes may be chosen. */
  open?: boolean;
}

const named = (name: string, describe: string, { shape = name, open, ...own }: Definition): KnownFormat => ({
  entry: { name, describe, params: [...(open ? [bias, top] : []), ...COMMON] },
  family: "floats",
  build: (args) => floatFormat(name, shape, own, args),
});

const e8m0: KnownFormat = {
  entry: {
    name: "e8m0",
    describe: "OCP scale: powers of two from 2^-127 to 2^127, one NaN, no zero, no sign",
    params: COMMON,
  },
  family: "floats",
  build: (): FloatFormat => ({
    kind: "float",
    name: "e8m0",
    bits: 8,
    exponentBits: 8,
    mantissaBits: 0,
    bias: 127,
    signed: false,
    top: "nan",
    subnormals: false,
  }),
};

/** A scale as an integer multiplier and a shift, b / 2^c (HAWQ-V3): a float without sign whose significand has n bits. */
const dyadic: KnownFormat = {
  entry: {
    name: "dyadic",
    describe: "dyadic scale b/2^c: b of n bits, c to 30; HAWQ-V3 rounds it @away",
    params: [
      { key: "n", kind: "integer", min: 2, max: 15, default: 15, positional: true, describe: "bits of b" },
      ...COMMON,
    ],
  },
  family: "floats",
  build(args): FloatFormat {
    const n = args.number("n") ?? 15;
    return {
      ...{ kind: "float", name: "dyadic", bits: n + 5, exponentBits: 5, mantissaBits: n - 1, bias: 32 - n },
      ...{ signed: false, top: "none", subnormals: true },
    };
  },
};

/** float32 itself: nothing is rounded. */
const f32: KnownFormat = {
  entry: { name: "f32", describe: "float32, the value itself", params: COMMON },
  family: "floats",
  build: () => ({ kind: "identity", name: "f32", bits: 32 }),
};

/** Floats that have a name, and a definition where their name does not say it (OCP, IEEE, Graphcore/AMD FNUZ). */
export const floats: readonly KnownFormat[] = [
  f32,
  named("tf32", "TensorFloat-32: E8M10", { shape: "e8m10", top: "ieee" }),
  named("bf16", "bfloat16: E8M7", { shape: "e8m7", top: "ieee" }),
  named("f16", "IEEE half precision: E5M10", { shape: "e5m10", top: "ieee" }),
  named("e4m3", "OCP FP8 E4M3: max 448, one NaN, no Inf", { top: "nan", open: true }),
  named("e4m3ieee", "IEEE-like FP8 E4M3: max 240, Inf and NaNs", { shape: "e4m3", top: "ieee" }),
  named("e4m3fnuz", "FP8 E4M3 FNUZ: bias 8, max 240, NaN at negative zero", { shape: "e4m3", top: "fnuz", bias: 8 }),
  named("e4m3b11fnuz", "FP8 E4M3 with bias 11, FNUZ: max 30", { shape: "e4m3", top: "fnuz", bias: 11 }),
  named("e5m2", "OCP FP8 E5M2: max 57344, Inf and NaNs", { top: "ieee", open: true }),
  named("e5m2fnuz", "FP8 E5M2 FNUZ: bias 16, max 57344", { shape: "e5m2", top: "fnuz", bias: 16 }),
  named("e3m4ieee", "IEEE-like FP8 E3M4: max 15.5, Inf and NaNs", { shape: "e3m4", top: "ieee" }),
  named("e3m2", "OCP FP6 E3M2: max 28", { open: true }),
  named("e2m3", "OCP FP6 E2M3: max 7.5", { open: true }),
  named("e2m1", "OCP FP4 E2M1: max 6", { open: true }),
  e8m0,
  dyadic,
  named("ue4m3", "unsigned E4M3: max 448, one NaN", { top: "nan", open: true }),
  named("ue5m3", "unsigned E5M3: every code a number, max 122880; with top=nan 114688", { open: true }),
];

/**
 * IEEE P3109's formats (interim report of the working group): binaryKpP of K bits and precision P, signed or not, with infinities
 * (extended) or without (finite). One NaN, no minus zero; the exponent has what is left of the bits, and a bias of 2^(W-1).
 */
function p3109(name: string): KnownFormat | null {
  const m = /^binary([1-9]\d?)p([1-9]\d?)([su])([ef])$/.exec(name);
  if (!m) return null;
  const [bits, precision, signed, extended] = [Number(m[1]), Number(m[2]), m[3] === "s", m[4] === "e"];
  const exponentBits = bits - precision + (signed ? 0 : 1);
  if (bits < 3 || bits > 16 || exponentBits < 1 || exponentBits > 8) return null;
  const top = extended ? "p3109" : signed ? "fnuz" : "nan";
  const build = (): FloatFormat => ({
    ...{ kind: "float", name, bits, exponentBits, mantissaBits: precision - 1, bias: 2 ** (exponentBits - 1) },
    ...{ signed, top, subnormals: true },
  });
  const describe = `IEEE P3109: ${bits} bits, precision ${precision}, ${extended ? "Inf and one NaN" : "one NaN"}`;
  return { entry: { name, describe, params: COMMON }, family: "floats", build };
}

/** The float that the name of an ExMy, or of P3109, stands for which has no definition of its own; null where the name is none. */
export function unnamedFloat(name: string): KnownFormat | null {
  const shape = exmy(name);
  if (!shape) return p3109(name);
  const sign = shape.unsigned ? "unsigned float" : "float";
  return named(name, `${sign}, ${shape.exponentBits} exponent and ${shape.mantissaBits} mantissa bits`, { open: true });
}
