/** From the text of a format to the format, and what to say where there is none. */
import { buildFormat, codeBits, codeCount, decode, type Format } from "../../kernels/formats/index.ts";
import { parseRecipe, printRecipe } from "../../kernels/notation/index.ts";

export type ReadFormat =
  /** `elements` is the format as notation where the text is a recipe with more to it: blocks, scales, steps. */
  { format: Format; elements: string | null; problem: null } | { format: null; problem: string };

/** The element format of a text such as `e4m3`, `int4(asym)` or `mxfp4`; of a recipe with more to it, only that part. */
export function readFormat(text: string): ReadFormat {
  try {
    const { before, quantizer, after } = parseRecipe(text);
    const { base, ...rest } = quantizer;
    const more = before.length + after.length > 0 || Object.values(rest).some((part) => part !== null);
    const bare = { base, rounding: null, block: null, rule: null, scale: null };
    const elements = more ? printRecipe({ before: [], quantizer: bare, after: [] }) : null;
    return { format: buildFormat(base), elements, problem: null };
  } catch (error) {
    return { format: null, problem: error instanceof Error ? error.message : String(error) };
  }
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
