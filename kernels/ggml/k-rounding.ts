/** What K-quants do once their scales are stored: round every element again, and pack scales of 6 bits. */
import { fast } from "./fast.ts";
import { nearestInt } from "./float.ts";
import { SUPER } from "./types.ts";

const f32 = Math.fround;

/** Codes of `n` elements from `from` on, for stored scale d and minimum dm; a scale of zero leaves what the search found. */
export function roundAgain(
  x: Float32Array,
  codes: Uint8Array,
  from: number,
  n: number,
  d: number,
  dm: number,
  nmax: number,
) {
  if (d === 0) return;
  for (let j = from; j < from + n; j++) {
    const l = nearestInt(f32(f32(x[j] + dm) / d));
    codes[j] = l < 0 ? 0 : Math.min(l, nmax);
  }
}

/**
 * As above for all sixteens of a block without minima, for codes -half..half-1 that are stored with `half` added; `scales` are those
 * in force.
 */
export function roundSixteens(x: Float32Array, codes: Uint8Array, scales: Float32Array, half: number): void {
  if (fast) {
    fast.roundAll(x, half, codes, scales);
    return;
  }
  for (let j = 0; j < SUPER; j++) {
    const d = scales[j >> 4];
    if (d === 0) continue;
    const l = nearestInt(f32(x[j] / d));
    codes[j] = half + (l < -half ? -half : l >= half ? half - 1 : l);
  }
}

/** Writes the 6-bit scale and minimum of sub-block j where `scaleOf` and `minOf` find them; in ascending order of j. */
export function putScale(bytes: Uint8Array, at: number, j: number, scale: number, min: number): void {
  if (j < 4) {
    bytes[at + j] = scale;
    bytes[at + j + 4] = min;
  } else {
    bytes[at + j + 4] = (scale & 15) | ((min & 15) << 4);
    bytes[at + j - 4] |= (scale >> 4) << 6;
    bytes[at + j] |= (min >> 4) << 6;
  }
}
