import { nearTie, signOfSum } from "../exact/ratio.ts";

/** A quotient (sum of `numerator`) / `denominator` with the double nearest to it. */
export interface Quotient {
  /** True where the double alone does not decide against the thresholds at hand: see `exact/ratio.ts`. */
  delicate: boolean;
  /** The double nearest to the quotient; finite. */
  q: number;
  /** Doubles whose exact sum is the numerator. */
  numerator: number[];
  denominator: number;
}

/** Sign of quotient - t, exact for any double t. */
export function sideOf(x: Quotient, t: number): number {
  if (!x.delicate || !nearTie(x.q, t)) return Math.sign(x.q - t);
  return signOfSum([...x.numerator.map((n) => [n]), [-t, x.denominator]]) * Math.sign(x.denominator);
}

/** Sign of quotient - (lower + upper)/2; the double `middle` may be rounded, the two levels are exact. */
export function sideOfMiddle(x: Quotient, lower: number, upper: number, middle: number): number {
  if (!x.delicate || !nearTie(x.q, middle)) return Math.sign(x.q - middle);
  const twice = x.numerator.map((n) => [2, n]);
  return signOfSum([...twice, [-lower, x.denominator], [-upper, x.denominator]]) * Math.sign(x.denominator);
}

/** Whether the fraction of the way from lower to upper is at least n / scale, exactly. */
export function fractionReaches(x: Quotient, lower: number, upper: number, n: number, scale: number): boolean {
  const terms = x.numerator.map((v) => [v, scale]);
  const sum = signOfSum([...terms, [-lower, x.denominator, scale - n], [-upper, x.denominator, n]]);
  return sum * Math.sign(x.denominator) >= 0;
}
