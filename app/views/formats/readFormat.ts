/** From the text of a format to the format, and what to say where there is none. */
import { buildFormat, codeBits, codeCount, decode, type Format } from "../../../kernels/formats/index.ts";
import { familyOf, GIVEN, MODULE } from "../../../kernels/formats/registry.ts";
import type { Definition, Recipe } from "../../../kernels/grammar/ast.ts";
import { printRecipe } from "../../../kernels/notation/index.ts";
import { centredOf, type Rounded, roundedOf } from "../../../kernels/precision/index.ts";
import { type Mistake, parse } from "../../controls/parsed.ts";
import { messageOf } from "../../state/notices.ts";

/** A format with the recipe that names it. */
export interface Shown {
  text: string;
  recipe: Recipe;
  format: Format;
  /** Its levels and its rounding; null for float32, whose levels cannot be listed. */
  rounded: Rounded | null;
  /** The same with the levels that lie about zero: another one only where there is a zero point. */
  centred: Rounded | null;
  /** The format as notation where the text is a recipe with more to it: blocks, scales, steps. */
  elements: string | null;
}

export type ReadFormat = { shown: Shown; mistake: null } | { shown: null; mistake: Mistake };

/** The element format of a text such as `e4m3@trunc`, `int4(asym)` or `mxfp4`; of a recipe with more to it, only that part. */
export function readFormat(text: string, definitions: readonly Definition[] = []): ReadFormat {
  const { recipe, mistake } = parse(text, definitions);
  if (!recipe) return { shown: null, mistake };
  const { before, quantizer, after } = recipe;
  const { base, rounding, ...rest } = quantizer;
  if (base.name === GIVEN) {
    const message = "what another checkpoint holds has no levels of its own: name a format";
    return { shown: null, mistake: { message, column: 1 } };
  }
  if (base.name === MODULE) {
    const message = "a module of one's own says nothing of its levels: name a format";
    return { shown: null, mistake: { message, column: 1 } };
  }
  if (familyOf(base.name) === "vectors") {
    const message = `${base.name} finds its codes for a whole tensor and has no levels of its own: name a format`;
    return { shown: null, mistake: { message, column: 1 } };
  }
  try {
    const call = resolved(base, definitions);
    const element = { base: call, rounding };
    const more = before.length + after.length > 0 || Object.values(rest).some((part) => part !== null);
    const bare = { base, rounding, block: null, rule: null, scale: null };
    const elements = more
      ? printRecipe({ before: [], quantizer: bare, after: [] }, { definitions: [...definitions] })
      : null;
    const format = buildFormat(call);
    return {
      shown: { text, recipe, format, rounded: roundedOf(element), centred: centredOf(element), elements },
      mistake: null,
    };
  } catch (error) {
    return { shown: null, mistake: { message: messageOf(error), column: null } };
  }
}

/** A definition's name stands for its codebook. */
function resolved(base: Recipe["quantizer"]["base"], definitions: readonly Definition[]) {
  const known = definitions.find((d) => d.name === base.name);
  return known ? { name: known.base.name, args: [...known.base.args, ...base.args] } : base;
}

const word = new DataView(new ArrayBuffer(4));

/** What a code stands for, in float32 too. */
export function valueOfCode(format: Format, code: number): number {
  if (format.kind !== "identity") return decode(format, code);
  word.setUint32(0, code);
  return word.getFloat32(0);
}

/** Codes are numbers from 0 up to this, exclusive. */
export const codesOf = (format: Format): number => (format.kind === "identity" ? 2 ** 32 : codeCount(format));

/** Lengths of the groups of bits, most significant first: sign, exponent, mantissa; or all of them. */
export function bitGroups(format: Format): { name: string; length: number }[] {
  if (format.kind === "identity")
    return [
      { name: "sign", length: 1 },
      { name: "exponent", length: 8 },
      { name: "mantissa", length: 23 },
    ];
  if (format.kind === "float")
    return [
      { name: "sign", length: format.signed ? 1 : 0 },
      { name: "exponent", length: format.exponentBits },
      { name: "mantissa", length: format.mantissaBits },
    ].filter((g) => g.length > 0);
  return [{ name: format.kind === "integer" ? "integer" : "index", length: format.bits }];
}

/** A code's bits, grouped where the format has groups. */
export function bitsOf(format: Format, code: number): string {
  if (format.kind !== "identity") return codeBits(format, code);
  const bits = code.toString(2).padStart(32, "0");
  return `${bits[0]} ${bits.slice(1, 9)} ${bits.slice(9)}`;
}

/** A code with one bit turned over; bit 0 is the least significant. Held inside the codes there are. */
export function toggleBit(format: Format, code: number, bit: number): number {
  const on = Math.floor(code / 2 ** bit) % 2 === 1;
  const next = code + (on ? -1 : 1) * 2 ** bit;
  return next < codesOf(format) ? next : code;
}

/** What is special about a code; empty for an ordinary number. */
export function specialty(format: Format, code: number): string {
  const value = valueOfCode(format, code);
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return "infinity";
  if (Object.is(value, -0)) return "negative zero";
  if (format.kind === "integer" && value * 2 ** format.frac < format.min)
    return "not used: outside the symmetric range";
  if (format.kind === "float" && format.subnormals && format.exponentBits > 0 && value !== 0)
    return Math.abs(value) < 2 ** (1 - format.bias) ? "subnormal" : "";
  return "";
}
