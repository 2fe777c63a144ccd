/** What a rounding makes of the number line: stretches of quotients, each with the level or the two levels it may become. */

import { overflowLevels } from "../codes/scalar/encoder.ts";
import type { Ladder } from "../formats/ladder.ts";
import { decidingOf, type RoundingMode } from "../rounding/modes/index.ts";

/** A format with the rounding in force, as far as precision depends on it. */
export interface Rounded {
  ladder: Ladder;
  mode: RoundingMode;
  /** Random bits compared with the fraction, for `sr`. */
  bits: number;
  /** What a value beyond the range gives: the end of the range, or no finite number. */
  sat: "clamp" | "nan" | "inf";
}

/**
 * A stretch of the number line, open at both ends, and what its values become: `target`, or by chance `other` (equal to
 * `target` where there is no chance). NaN where the result is no finite number. Neither lies inside the stretch.
 */
export type VisitPiece = (from: number, to: number, target: number, other: number) => void;

/** The pieces between two neighbouring levels. */
function eachPieceOfGap(r: Rounded, lower: number, upper: number, lowerOdd: boolean, visit: VisitPiece): void {
  const deciding = decidingOf(r.mode);
  if (deciding.by === "nearest") {
    const middle = lower / 2 + upper / 2;
    visit(lower, middle, lower, lower);
    visit(middle, upper, upper, upper);
  } else if (deciding.by === "chance") {
    // Below one part in 2^bits no word of random bits goes up.
    const first = deciding.odds === "fraction" ? lower + (upper - lower) * 2 ** -r.bits : lower;
    if (first > lower) visit(lower, first, lower, lower);
    visit(first, upper, lower, upper);
  } else {
    const to = (negative: boolean) => (deciding.up(negative, lowerOdd) ? upper : lower);
    if (lower < 0 && upper > 0) {
      visit(lower, 0, to(true), to(true));
      visit(0, upper, to(false), to(false));
    } else {
      const target = to(upper <= 0);
      visit(lower, upper, target, target);
    }
  }
}

/** Pieces beyond the largest level; without saturation a value overflows where it would round to the level after it. */
function eachPieceAbove(r: Rounded, visit: VisitPiece): void {
  const { levels, odd } = r.ladder;
  const last = levels.length - 1;
  const end = levels[last];
  if (r.sat === "clamp") {
    visit(end, Infinity, end, end);
    return;
  }
  const { above } = overflowLevels(r.ladder);
  eachPieceOfGap(r, end, above, odd[last] === 1, (from, to, target, other) =>
    visit(from, to, target === above ? Number.NaN : target, other === above ? Number.NaN : other),
  );
  visit(above, Infinity, Number.NaN, Number.NaN);
}

/** Pieces below the first level. A positive value below it, where there is no zero, is not beyond the range. */
function eachPieceBelow(r: Rounded, visit: VisitPiece): void {
  const { levels, odd } = r.ladder;
  const end = levels[0];
  if (r.sat === "clamp") {
    visit(-Infinity, end, end, end);
    return;
  }
  if (end > 0) visit(0, end, end, end);
  const { below } = overflowLevels(r.ladder);
  const top = Math.min(0, end);
  const negative: VisitPiece = (from, to, target, other) => {
    if (from < top) visit(from, Math.min(to, top), target, other);
  };
  negative(-Infinity, below, Number.NaN, Number.NaN);
  eachPieceOfGap(r, below, end, odd[0] !== 1, (from, to, target, other) =>
    negative(from, to, target === below ? Number.NaN : target, other === below ? Number.NaN : other),
  );
}

/** All pieces that reach into [from, to], in ascending order. */
export function eachPiece(r: Rounded, from: number, to: number, visit: VisitPiece): void {
  const { levels, odd } = r.ladder;
  const last = levels.length - 1;
  if (from < levels[0]) eachPieceBelow(r, visit);
  const first = from <= levels[0] ? 0 : r.ladder.floor(Math.min(from, levels[last]));
  for (let i = first; i < last && levels[i] <= to; i++)
    eachPieceOfGap(r, levels[i], levels[i + 1], odd[i] === 1, visit);
  if (to > levels[last]) eachPieceAbove(r, visit);
}
