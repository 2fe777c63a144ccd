/**
 * The one place that knows the exponents of MX: those of the OCP Microscaling Formats specification 1.0 (floor) and those that
 * libraries take instead. What it gives is data of a plan, from which every backend, search and NumPy program computes.
 */
import { exponentOf } from "../exact/bits.ts";
import type { Format } from "../formats/types.ts";
import type { ElementSpec, ScaleLevel, SharedExponent } from "../plan/plan.ts";

const WAYS = ["floor", "ceil", "even", "rceil"] as const;
export type SharedExponentWay = (typeof WAYS)[number];

/** What is scaled: its format and the largest value of that. */
type Inner = Pick<ScaleLevel["inner"], "format" | "maxAbs">;

/** Bits of a format's significand after its first; two bits of an integer are its sign and its one. */
const fractionBits = (format: Format): number =>
  format.kind === "float" ? format.mantissaBits : format.kind === "integer" ? format.bits - 2 : 0;

/**
 * The exponent of the format's largest value is taken from that of the clip, whose significand is dropped (floor), rounded up
 * (ceil), or rounded to the format's precision (even). `rceil` takes the exponent of clip over divisor, rounded up.
 */
export function sharedExponent(way: SharedExponentWay, { format, maxAbs }: Inner, divisor: number): SharedExponent {
  const shift = exponentOf(maxAbs);
  switch (way) {
    case "floor":
      return { shift, from: 2 };
    case "ceil":
      return { shift, from: 1 + Number.EPSILON };
    case "even":
      return { shift, from: 2 - 2 ** -(fractionBits(format) + 1) };
    case "rceil": {
      const e = exponentOf(divisor);
      // The least double above the divisor's own significand.
      return { shift: e, from: Math.abs(divisor) * 2 ** -e + Number.EPSILON };
    }
  }
}

/**
 * The powers of two among which all of these choose: `count` of them, from that of the largest magnitude less `exponent` on.
 * null where they do not go.
 */
export function powersFrom(element: ElementSpec, level: ScaleLevel): { exponent: number; count: number } | null {
  const { inner, divisor, offset } = level;
  if (element.affine || divisor < 0 || inner.format.kind === "codebook" || offset === "mean") return null;
  // rceil goes by the divisor, which is smaller under some conventions of integers.
  const shifts = WAYS.map((way) => sharedExponent(way, inner, divisor).shift);
  const exponent = Math.max(...shifts);
  return { exponent, count: 2 + exponent - Math.min(...shifts) };
}
