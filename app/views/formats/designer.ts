/** A format as a few numbers that sliders move, and back to the shortest text that names it. */
import type { Format, Top } from "../../../kernels/formats/index.ts";
import { buildFormat, formatArgs } from "../../../kernels/formats/registry.ts";
import type { Call, Recipe } from "../../../kernels/grammar/ast.ts";
import { type NotationOptions, parseRecipe, printRecipe } from "../../../kernels/notation/index.ts";

export interface FloatDesign {
  kind: "float";
  exponentBits: number;
  mantissaBits: number;
  bias: number;
  signed: boolean;
  top: Top;
}

export const integerRanges = ["narrow", "full", "half", "signmax", "asym", "unsigned"] as const;
export interface IntegerDesign {
  kind: "integer";
  bits: number;
  range: (typeof integerRanges)[number];
  /** Fraction bits: values are code / 2^frac. */
  frac: number;
}

export type Design = FloatDesign | IntegerDesign;

/** What the notation can name. */
export const limits = { exponentBits: 8, mantissaBits: 10, integerBits: 8, frac: 16, bias: 512 } as const;

/** The design of an element format; null for P3109's with infinities, tables, whole blocks, float32 and powers of two, which have none. */
export function designOf(call: Call): Design | null {
  const format = buildFormat(call);
  if (format.kind === "float" && format.subnormals) {
    const { exponentBits, mantissaBits, bias, signed, top } = format;
    // Sliders move ExMy: P3109's names and long significands are none.
    if (top === "p3109" || mantissaBits > limits.mantissaBits) return null;
    return { kind: "float", exponentBits, mantissaBits, bias, signed, top };
  }
  const integer = /^(u?)int[1-8]$/.exec(call.name);
  if (format.kind !== "integer" || !integer) return null;
  const range = integer[1] ? "unsigned" : ((formatArgs(call).word("range") ?? "narrow") as IntegerDesign["range"]);
  return { kind: "integer", bits: format.bits, range, frac: format.frac };
}

/** The usual bias of a float: 2^(E-1) - 1, one more where negative zero is NaN. */
export function usualBias({ exponentBits, top }: Pick<FloatDesign, "exponentBits" | "top">): number {
  return (exponentBits === 0 ? 0 : 2 ** (exponentBits - 1) - 1) + (top === "fnuz" ? 1 : 0);
}

/** The meanings of top codes that a float of this shape can have. */
export const topsOf = (d: FloatDesign): Top[] =>
  (["none", "nan", "ieee", "fnuz"] as const).filter((top) => {
    if (top === "fnuz") return d.signed;
    if (top === "ieee" && d.exponentBits === 0) return false;
    // Of two magnitudes one is zero; the other must not be spent.
    return top === "none" || d.exponentBits + d.mantissaBits > 1;
  });

/** Another number in a float, and what has to go with it: one magnitude bit at least, top codes that it can have. */
export function withFloat(before: FloatDesign, change: Partial<FloatDesign>): FloatDesign {
  const next = { ...before, ...change };
  if (next.exponentBits + next.mantissaBits === 0) {
    if (change.mantissaBits === 0) next.exponentBits = 1;
    else next.mantissaBits = 1;
  }
  // The name of a signed E8M0 is taken by the OCP's scale.
  if (next.exponentBits === 8 && next.mantissaBits === 0 && next.signed) {
    if (change.mantissaBits === 0) next.exponentBits = 7;
    else next.mantissaBits = 1;
  }
  if (!topsOf(next).includes(next.top)) next.top = "none";
  // A bias that was the usual one stays that.
  if (change.bias === undefined && before.bias === usualBias(before)) next.bias = usualBias(next);
  return next;
}

/** An integer's other number; 1 bit has no symmetric range. */
export function withInteger(before: IntegerDesign, change: Partial<IntegerDesign>): IntegerDesign {
  const next = { ...before, ...change };
  if (next.bits === 1 && (next.range === "narrow" || next.range === "full" || next.range === "half"))
    next.range = "asym";
  // Affine and unsigned integers are whole numbers.
  if (next.range === "asym" || next.range === "unsigned") next.frac = 0;
  return next;
}

/** Names of floats that say more than their widths. */
const named = ["e4m3", "e4m3ieee", "e4m3fnuz", "e4m3b11fnuz", "e5m2", "e5m2fnuz", "e3m4ieee", "f16", "bf16", "tf32"];

const isFloat = (format: Format, d: FloatDesign): boolean =>
  format.kind === "float" &&
  format.subnormals &&
  format.exponentBits === d.exponentBits &&
  format.mantissaBits === d.mantissaBits &&
  format.bias === d.bias &&
  format.signed === d.signed &&
  format.top === d.top;

/** The options that are no part of the design, such as `sat=`: they stay. */
const others = (call: Call | null): Call["args"] =>
  (call?.args ?? []).filter(
    (arg) => arg.key !== null && !["bias", "top", "range", "frac", "zp", "values"].includes(arg.key),
  );

function floatCall(d: FloatDesign): Call {
  const name = `${d.signed ? "" : "u"}e${d.exponentBits}m${d.mantissaBits}`;
  const bias = { key: "bias", value: { type: "number", value: d.bias } } as const;
  const top = { key: "top", value: { type: "word", value: d.top } } as const;
  const calls: Call[] = [
    { name, args: [] },
    ...named.map((known) => ({ name: known, args: [] })),
    { name, args: [top] },
    { name, args: [bias] },
  ];
  return calls.find((call) => isFloat(buildFormat(call), d)) ?? { name, args: [bias, top] };
}

function integerCall(d: IntegerDesign): Call {
  if (d.range === "unsigned") return { name: `uint${d.bits}`, args: [] };
  const args: Call["args"] = [];
  if (d.range !== "narrow") args.push({ key: null, value: { type: "word", value: d.range } });
  if (d.frac > 0) args.push({ key: "frac", value: { type: "number", value: d.frac } });
  return { name: `int${d.bits}`, args };
}

/** The shortest call that names a design; the options of `before` that have nothing to do with it stay. */
export function callOfDesign(d: Design, before: Call | null = null): Call {
  const call = d.kind === "float" ? floatCall(d) : integerCall(d);
  return { ...call, args: [...call.args, ...others(before)] };
}

/** A recipe with its elements replaced, as text; whatever else it says stays. */
export function withElement(text: string, base: Call, options: NotationOptions): string {
  const recipe: Recipe = parseRecipe(text, options);
  return printRecipe({ ...recipe, quantizer: { ...recipe.quantizer, base } }, options);
}

export type DesignKind = Design["kind"] | "table";

/** Levels of a format that can be written out as a codebook of one's own. */
export const MOST_LEVELS = 64;

const floatsByBits = ["e1m0", "e1m0", "e2m0", "e2m1", "e2m2", "e2m3", "e3m3", "e4m3"];

/** A format of another kind with as many bits, to begin with: a float, an integer, or the levels that are there as a table. */
export function ofKind(kind: DesignKind, format: Format, levels: readonly number[]): Call {
  const bits = Math.min(8, Math.max(2, format.bits));
  if (kind === "float") return { name: floatsByBits[bits - 1], args: [] };
  if (kind === "integer") return { name: `int${bits}`, args: [] };
  const values = levels.map((value) => ({ key: null, value: { type: "number" as const, value: Math.fround(value) } }));
  return { name: "codebook", args: values };
}
