import { nearTie, signOfSum } from "../exact/ratio.ts";
import type { Ladder } from "../formats/ladder.ts";
import { threefry2x32 } from "../random/threefry.ts";
import { type Rounding, takesUpper } from "./rounding.ts";

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

const word = new Uint32Array(2);

/** The random word of an element or scale: the same on every backend and for every tiling. */
export function drawWord(seed: number, stream: number, index: number): number {
  threefry2x32(seed, stream, index >>> 0, Math.floor(index / 2 ** 32), word);
  return word[0];
}

/** Where the random bits of a rounding come from: the stream of its quantizer or level, and the element's index. */
export interface DrawPlace {
  stream: number;
  index: number;
}

/** Whether the fraction of the way from lower to upper is at least n / scale, exactly. */
function fractionReaches(x: Quotient, lower: number, upper: number, n: number, scale: number): boolean {
  const terms = x.numerator.map((v) => [v, scale]);
  const sum = signOfSum([...terms, [-lower, x.denominator, scale - n], [-upper, x.denominator, n]]);
  return sum * Math.sign(x.denominator) >= 0;
}

/** Whether stochastic rounding with `bits` random bits goes up: floor(fraction * 2^bits) + r >= 2^bits. */
export function stochasticUp(x: Quotient, lower: number, upper: number, bits: number, r: number): boolean {
  const scale = 2 ** bits;
  const fraction = (x.q - lower) / (upper - lower);
  let k = Math.min(scale - 1, Math.max(0, Math.floor(fraction * scale)));
  // x.q carries an error of half an ulp, and the subtraction may enlarge it: settle the floor exactly.
  const frac = fraction * scale - k;
  const unsure = scale * 2 ** -48 * (1 + Math.abs(x.q / (upper - lower)));
  if (frac < unsure && !fractionReaches(x, lower, upper, k, scale)) k--;
  else if (1 - frac < unsure && fractionReaches(x, lower, upper, k + 1, scale)) k++;
  return k + (bits === 32 ? r : r >>> (32 - bits)) >= scale;
}

/**
 * The rank of the level that a quotient rounds to. Beyond the ends the rank is -1 or `levels.length`: what overflow
 * gives is the caller's choice.
 */
export function roundOnLadder(
  ladder: Ladder,
  middles: Float64Array,
  rounding: Rounding,
  x: Quotient,
  place: DrawPlace,
): number {
  const { levels, odd } = ladder;
  let rank = ladder.floor(x.q);
  // The quotient's double may have been rounded onto a level it only comes near to.
  if (x.delicate) {
    if (rank >= 0 && nearTie(x.q, levels[rank]) && sideOf(x, levels[rank]) < 0) rank--;
    else if (rank + 1 < levels.length && nearTie(x.q, levels[rank + 1]) && sideOf(x, levels[rank + 1]) >= 0) rank++;
  }
  if (rank < 0) return -1;
  if (sideOf(x, levels[rank]) === 0) return rank;
  if (rank === levels.length - 1) return levels.length;
  const upper = decideUpper(rounding, x, levels[rank], levels[rank + 1], middles[rank], odd[rank] === 1, place);
  return upper ? rank + 1 : rank;
}

/** Whether a quotient strictly between two neighbours goes to the upper one. */
export function decideUpper(
  rounding: Rounding,
  x: Quotient,
  lower: number,
  upper: number,
  middle: number,
  lowerOdd: boolean,
  place: DrawPlace,
): boolean {
  if (rounding.mode === "sr" || rounding.mode === "coin") {
    const word = drawWord(rounding.seed, place.stream, place.index);
    return rounding.mode === "coin" ? word >= 0x80000000 : stochasticUp(x, lower, upper, rounding.bits, word);
  }
  return takesUpper(rounding.mode, { side: sideOfMiddle(x, lower, upper, middle), negative: x.q < 0, lowerOdd });
}

/** Sign of quotient - (lower + upper)/2; the double `middle` may be rounded, the two levels are exact. */
function sideOfMiddle(x: Quotient, lower: number, upper: number, middle: number): number {
  if (!x.delicate || !nearTie(x.q, middle)) return Math.sign(x.q - middle);
  const twice = x.numerator.map((n) => [2, n]);
  return signOfSum([...twice, [-lower, x.denominator], [-upper, x.denominator]]) * Math.sign(x.denominator);
}
