/** Binary floats of few bits: what each of their codes stands for. Every decoder of such floats is made from this. */

/** What the top codes of a float mean. */
export type Top =
  /** Every code is a number (OCP FP6, FP4). */
  | "none"
  /** The code of all ones is NaN (OCP E4M3). */
  | "nan"
  /** The top exponent holds Inf and NaNs (IEEE 754). */
  | "ieee"
  /** Negative zero is the only NaN, there is no Inf. */
  | "fnuz"
  /** IEEE P3109's extended domain: one NaN, at negative zero or above all where there is no sign; Inf below it, or above all. */
  | "p3109";

/** Whether the sign bit alone stands for minus zero, rather than for NaN. */
export const hasMinusZero = (top: Top): boolean => top !== "fnuz" && top !== "p3109";

export interface SmallFloat {
  exponentBits: number;
  mantissaBits: number;
  bias: number;
  signed: boolean;
  top: Top;
  /** False for E8M0, whose lowest exponent is an ordinary power of two, so that there is no zero. */
  subnormals: boolean;
}

/** IEEE 754's half precision. */
export const HALF: SmallFloat = {
  ...{ exponentBits: 5, mantissaBits: 10, bias: 15 },
  ...{ signed: true, top: "ieee", subnormals: true },
};

/** The number that a code stands for: perhaps -0, Inf or NaN. Codes from 0 to 2^bits - 1. */
export function smallFloatValue(format: SmallFloat, code: number): number {
  const { exponentBits, mantissaBits, bias, signed, top, subnormals } = format;
  const magnitudeBits = exponentBits + mantissaBits;
  const negative = signed && code >= 2 ** magnitudeBits;
  const magnitude = negative ? code - 2 ** magnitudeBits : code;
  const exponent = Math.floor(magnitude / 2 ** mantissaBits);
  const fraction = magnitude % 2 ** mantissaBits;
  if (top === "nan" && magnitude === 2 ** magnitudeBits - 1) return Number.NaN;
  if (top === "ieee" && exponent === 2 ** exponentBits - 1) {
    return fraction !== 0 ? Number.NaN : negative ? -Infinity : Infinity;
  }
  if (!hasMinusZero(top) && negative && magnitude === 0) return Number.NaN;
  if (top === "p3109") {
    const above = 2 ** magnitudeBits - 1 - magnitude;
    if (!signed && above === 0) return Number.NaN;
    if (above === (signed ? 0 : 1)) return negative ? -Infinity : Infinity;
  }
  const value =
    exponent === 0 && subnormals
      ? fraction * 2 ** (1 - bias - mantissaBits)
      : (1 + fraction / 2 ** mantissaBits) * 2 ** (exponent - bias);
  return negative ? -value : value;
}

/** The value of every code, for formats whose values are float32. */
export function smallFloatTable(format: SmallFloat): Float32Array {
  const { exponentBits, mantissaBits, signed } = format;
  const codes = 2 ** (exponentBits + mantissaBits + (signed ? 1 : 0));
  return Float32Array.from({ length: codes }, (_, code) => smallFloatValue(format, code));
}
