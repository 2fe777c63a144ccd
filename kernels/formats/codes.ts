import { binary } from "../exact/bits.ts";
import { hasMinusZero, smallFloatValue } from "../exact/small-float.ts";
import type { CodedFormat, Format } from "./types.ts";

/** What a code stands for: a number (perhaps -0), Inf or NaN. Codes from 0 to 2^bits - 1. */
export function decode(format: CodedFormat, code: number): number {
  switch (format.kind) {
    case "float":
      return smallFloatValue(format, code);
    case "integer":
      return decodeInteger(format.bits, format.min, code) / 2 ** format.frac;
    case "codebook":
      return code < format.values.length ? format.values[code] : Number.NaN;
  }
}

function decodeInteger(bits: number, min: number, code: number): number {
  return min < 0 && code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
}

/** The number of codes, 2^bits; fewer for a codebook that does not fill its bits. */
export function codeCount(format: CodedFormat): number {
  return format.kind === "codebook" ? format.values.length : 2 ** format.bits;
}

/** The code that stands for NaN, or null. */
export function nanCode(format: Format): number | null {
  if (format.kind !== "float") return null;
  const ones = 2 ** (format.exponentBits + format.mantissaBits) - 1;
  if (format.top === "nan" || (format.top === "p3109" && !format.signed)) return ones;
  // The quiet NaN of IEEE 754: the first fraction bit set. Without a fraction the format has Inf alone.
  if (format.top === "ieee") {
    return format.mantissaBits === 0
      ? null
      : (2 ** format.exponentBits - 1) * 2 ** format.mantissaBits + 2 ** (format.mantissaBits - 1);
  }
  return hasMinusZero(format.top) ? null : ones + 1;
}

/** The code of plus infinity, or null; minus infinity has the sign bit set. */
export function infinityCode(format: Format): number | null {
  if (format.kind !== "float") return null;
  if (format.top === "p3109") return 2 ** (format.exponentBits + format.mantissaBits) - (format.signed ? 1 : 2);
  return format.top === "ieee" ? (2 ** format.exponentBits - 1) * 2 ** format.mantissaBits : null;
}

/** The sign bit of a sign-magnitude format as a number to add to a code; 0 where there is none. */
export function signBit(format: Format): number {
  return format.kind === "float" && format.signed ? 2 ** (format.exponentBits + format.mantissaBits) : 0;
}

/** A code as bits, grouped sign, exponent, mantissa where the format is a float. */
export function codeBits(format: CodedFormat, code: number): string {
  const bits = binary(code, format.bits);
  if (format.kind !== "float") return bits;
  const sign = format.signed ? 1 : 0;
  const groups = [
    bits.slice(0, sign),
    bits.slice(sign, sign + format.exponentBits),
    bits.slice(sign + format.exponentBits),
  ];
  return groups.filter((g) => g !== "").join(" ");
}
