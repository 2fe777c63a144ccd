/** The curve of greatest relative errors as a path: one step a gap between levels, or a column of pixels for many gaps. */
import { gapOf, magnitudes, type Rounded, type Sign, worstBetween } from "../../../kernels/precision/index.ts";

export interface Stretch {
  /** log2 of magnitudes. */
  lo: number;
  hi: number;
  /** NaN where results are no finite numbers, Infinity where nothing bounds the error. */
  error: number;
}

/** Beyond so many gaps in sight each column of pixels takes the worst of the gaps that it touches. */
const MOST_GAPS = 400;
/** Columns in the stretch beyond the largest level, where the error grows, and next to a zero that is missing. */
const IN_SLOPE = 160;

/**
 * The greatest relative error between the two levels around each magnitude, for log2 magnitudes from `lo` to `hi`, times
 * `scale`. Figures come from the levels; `columns` only bounds how finely many gaps are drawn.
 */
export function stretchesOf(
  r: Rounded,
  scale: number,
  lo: number,
  hi: number,
  columns: number,
  sign: Sign = 1,
): Stretch[] {
  const held = magnitudes(r, sign);
  const shift = Math.log2(scale);
  const place = (x: number) => Math.log2(x) + shift;
  const at = (position: number) => 2 ** (position - shift);
  const first = held.findIndex((v) => v > at(lo));
  const from = first < 0 ? held.length : first;
  let to = from;
  while (to < held.length && held[to] < at(hi)) to++;
  const found: Stretch[] = [];
  // Where no two levels bound a stretch: the worst of the values between the gap next to it and each place in it.
  const slope = (a: number, b: number, beyond: boolean) => {
    const inner = beyond ? (held[held.length - 2] ?? held[0]) : held[0];
    for (let k = 0; k < IN_SLOPE && b > a; k++) {
      const [left, right] = [a + (k / IN_SLOPE) * (b - a), a + ((k + 1) / IN_SLOPE) * (b - a)];
      const { error } = beyond ? worstBetween(r, inner, at(right), sign) : worstBetween(r, at(left), inner, sign);
      found.push({ lo: left, hi: right, error });
    }
  };
  const gap = (index: number) => {
    const g = gapOf(r, held, index, sign);
    const [a, b] = [
      Math.max(lo, g.from === 0 ? lo : place(g.from)),
      Math.min(hi, g.to === Infinity ? hi : place(g.to)),
    ];
    if (!(b > a)) return;
    if (g.to === Infinity || g.error === Infinity) slope(a, b, g.to === Infinity);
    else found.push({ lo: a, hi: b, error: g.error });
  };
  if (to - from <= Math.min(MOST_GAPS, columns)) {
    for (let index = from; index <= to; index++) gap(index);
    return found;
  }
  // The gap that leads to the first level in sight, the many, and what is beyond the last.
  gap(from);
  const [a, b] = [place(held[from]), Math.min(hi, place(held[held.length - 1]))];
  for (let k = 0; k < columns; k++) {
    const [left, right] = [a + (k / columns) * (b - a), a + ((k + 1) / columns) * (b - a)];
    const below = held[Math.max(0, indexAbove(held, at(left)) - 1)];
    const above = held[Math.min(held.length - 1, indexAbove(held, at(right) * (1 - 2 ** -40)))];
    found.push({ lo: left, hi: right, error: worstBetween(r, below, above, sign).error });
  }
  if (b < hi) gap(held.length);
  return found;
}

/** Index of the first magnitude above x. */
function indexAbove(held: Float64Array, x: number): number {
  let [lo, hi] = [0, held.length];
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (held[mid] <= x) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** float32's own: half a unit in the last place of normal numbers, growing below them, and beyond the largest. */
export function stretchesOfFloat32(scale: number, lo: number, hi: number): Stretch[] {
  const shift = Math.log2(scale);
  const found: Stretch[] = [];
  for (let e = Math.floor(lo - shift); e < hi - shift; e++) {
    const error =
      e >= 128 ? 1 : e < -150 ? 1 : e >= -126 ? 2 ** -24 / (1 + 2 ** -24) : 2 ** -150 / (2 ** e + 2 ** -150);
    found.push({ lo: Math.max(lo, e + shift), hi: Math.min(hi, e + 1 + shift), error });
  }
  return found;
}

/** As drawn: levels below the axis lie on it, no finite number lies on top. */
export function pathOf(stretches: readonly Stretch[], x: (p: number) => number, y: (error: number) => number): string {
  let path = "";
  for (const [i, { lo, hi, error }] of stretches.entries()) {
    const at = y(Number.isNaN(error) ? Infinity : error).toFixed(1);
    path += `${i === 0 || stretches[i - 1].hi < lo - 1e-9 ? "M" : "L"}${x(lo).toFixed(1)} ${at}L${x(hi).toFixed(1)} ${at}`;
  }
  return path;
}
