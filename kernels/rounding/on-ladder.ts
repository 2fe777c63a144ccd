import { nearTie } from "../exact/ratio.ts";
import type { Ladder } from "../formats/ladder.ts";
import { threefry2x32 } from "../random/threefry.ts";
import { decidingOf } from "./modes/index.ts";
import { type Quotient, sideOf, sideOfMiddle } from "./quotient.ts";
import type { Rounding } from "./rounding.ts";

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
  const deciding = decidingOf(rounding.mode);
  switch (deciding.by) {
    case "nearest": {
      const side = sideOfMiddle(x, lower, upper, middle);
      return side === 0 ? deciding.tieUp(x.q < 0, lowerOdd) : side > 0;
    }
    case "side":
      return deciding.up(x.q < 0, lowerOdd);
    case "chance":
      return deciding.up(x, lower, upper, rounding.bits, drawWord(rounding.seed, place.stream, place.index));
  }
}
