/** The greatest relative error of rounding over a stretch of magnitudes, from the levels themselves and not from samples. */
import { decidingOf } from "../rounding/modes/index.ts";
import { eachPiece, type Rounded } from "./pieces.ts";

export type Sign = 1 | -1;

/** The worst of a stretch. */
export interface Worst {
  /** |x - result| / |x|, as a least upper bound; Infinity where nothing bounds it, NaN where a result is no finite number. */
  error: number;
  /** The magnitude where the bound is taken, or comes arbitrarily near. */
  at: number;
}

/** Relative error at magnitude x of becoming `target`; at 0 what it tends to from the side of `sign`. */
function relative(x: number, target: number, sign: Sign): number {
  if (x === 0) return target === 0 ? 1 : Infinity;
  if (x === Infinity) return Number.isFinite(target) ? 1 : Number.NaN;
  return Math.abs(sign * x - target) / x;
}

/**
 * The greatest relative error of values of one sign with magnitudes between `lo` and `hi`, 0 <= lo <= hi. Within a piece
 * the result is one level outside of it, so that the error is monotone and greatest at an end.
 */
export function worstBetween(r: Rounded, lo: number, hi: number, sign: Sign = 1): Worst {
  const worst: Worst = { error: 0, at: lo };
  if (lo === hi && r.ladder.levels.includes(sign * lo)) return worst;
  const take = (at: number, target: number) => {
    const error = relative(at, target, sign);
    // A result that is no number is worse than any that is one.
    if (Number.isNaN(worst.error) || error <= worst.error) return;
    worst.error = error;
    worst.at = at;
  };
  const [from, to] = sign > 0 ? [lo, hi] : [-hi, -lo];
  eachPiece(r, from, to, (start, end, target, other) => {
    const [near, far] = sign > 0 ? [start, end] : [-end, -start];
    const a = Math.max(lo, near);
    const b = Math.min(hi, far);
    if (!(a < b || (lo === hi && near <= lo && lo < far))) return;
    for (const level of target === other ? [target] : [target, other]) {
      take(a, level);
      take(b, level);
    }
  });
  return worst;
}

/** The worst between two neighbouring magnitudes that a format holds. */
export interface Gap extends Worst {
  from: number;
  /** Infinity beyond the largest. */
  to: number;
}

/** Magnitudes of the levels of one sign, ascending, without zero. */
export function magnitudes(r: Rounded, sign: Sign = 1): Float64Array {
  const { levels } = r.ladder;
  return sign > 0
    ? levels.filter((v) => v > 0)
    : levels
        .filter((v) => v < 0)
        .map((v) => -v)
        .reverse();
}

/** The gap that holds magnitude x > 0: bounds of it are the levels around x, 0 or Infinity. A level begins its gap. */
export function gapAt(r: Rounded, held: Float64Array, x: number, sign: Sign = 1): Gap {
  let [lo, hi] = [0, held.length];
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (held[mid] <= x) lo = mid + 1;
    else hi = mid;
  }
  return gapOf(r, held, lo, sign);
}

/** The gap below the magnitude of that index; the last one, of index `held.length`, has no end. */
export function gapOf(r: Rounded, held: Float64Array, index: number, sign: Sign = 1): Gap {
  const from = index === 0 ? 0 : held[index - 1];
  const to = index === held.length ? Infinity : held[index];
  return { from, to, ...worstBetween(r, from, to, sign) };
}

/** Whether negative values fare as positive ones do. */
export function isMirrored(r: Rounded): boolean {
  const { levels } = r.ladder;
  const n = levels.length;
  const deciding = decidingOf(r.mode);
  if (deciding.by === "side") {
    const { up } = deciding;
    // Of a gap and its mirror image one goes up where the other goes down; the lower code of the one is the upper of the other.
    if ([true, false].some((odd) => up(false, odd) === up(true, !odd))) return false;
    // Only the codes of floats are mirrored with their values.
    if (up(false, true) !== up(false, false) && r.ladder.format.kind !== "float") return false;
  }
  return levels.every((v, i) => v === -levels[n - 1 - i] || (v === 0 && levels[n - 1 - i] === 0));
}
