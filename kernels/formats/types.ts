/** A format is data: which bit pattern stands for which number. Everything else is derived from this. */
import type { SmallFloat } from "../exact/small-float.ts";

export interface FloatFormat extends SmallFloat {
  kind: "float";
  name: string;
  bits: number;
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
