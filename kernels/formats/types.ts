/** A format is data: which bit pattern stands for which number. Everything else is derived from this. */

/** What the top codes of a float mean. */
export type Top =
  /** Every code is a number (OCP FP6, FP4). */
  | "none"
  /** The code of all ones is NaN (OCP E4M3). */
  | "nan"
  /** The top exponent holds Inf and NaNs (IEEE 754). */
  | "ieee"
  /** Negative zero is the only NaN, there is no Inf. */
  | "fnuz";

export interface FloatFormat {
  kind: "float";
  name: string;
  bits: number;
  exponentBits: number;
  mantissaBits: number;
  bias: number;
  signed: boolean;
  top: Top;
  /** False for E8M0, whose lowest exponent is an ordinary power of two, so that there is no zero. */
  subnormals: boolean;
}

export interface IntegerFormat {
  kind: "integer";
  name: string;
  bits: number;
  /** Smallest and largest integer; two's complement codes when min is negative. */
  min: number;
  max: number;
  /** Values are integer / 2^frac. */
  frac: number;
}

/** Levels by code. Codes need not be in the order of their values. */
export interface CodebookFormat {
  kind: "codebook";
  name: string;
  bits: number;
  values: Float32Array;
}

/** float32 itself: nothing is rounded and there is no table of codes. */
export interface IdentityFormat {
  kind: "identity";
  name: string;
  bits: 32;
}

export type Format = FloatFormat | IntegerFormat | CodebookFormat | IdentityFormat;

/** A format with codes that can be listed. */
export type CodedFormat = Exclude<Format, IdentityFormat>;
