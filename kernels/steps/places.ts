/** Values that are kept apart one by one, with their places in the matrix. */
import { indexBits } from "./columns.ts";
import type { Bits, Matrix, Rows, SideTensor, StepShape } from "./step.ts";

export interface KeptValues {
  /** Row-major places, ascending. */
  places: Uint32Array;
  /** What comes back of them from their own recipe. */
  side: SideTensor;
}

/** The `count` finite values of the largest magnitudes, the earlier one among equals; their places in ascending order. */
export function largestPlaces(values: Float32Array, count: number): Uint32Array {
  if (count === 0) return new Uint32Array(0);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const magnitude = (i: number) => bits[i] & 0x7fffffff;
  // By the upper half of the bits first: those above the bucket of the threshold are in, and only that bucket is sorted.
  const counts = new Uint32Array(2 ** 15);
  for (let i = 0; i < bits.length; i++) if (magnitude(i) < 0x7f800000) counts[magnitude(i) >>> 16]++;
  let bucket = counts.length - 1;
  let above = 0;
  while (bucket > 0 && above + counts[bucket] < count) above += counts[bucket--];
  const taken: number[] = [];
  const border: number[] = [];
  for (let i = 0; i < bits.length; i++) {
    const key = magnitude(i) >>> 16;
    if (magnitude(i) >= 0x7f800000) continue;
    if (key > bucket) taken.push(i);
    else if (key === bucket) border.push(i);
  }
  border.sort((a, b) => magnitude(b) - magnitude(a) || a - b);
  return Uint32Array.from([...taken, ...border.slice(0, count - taken.length)]).sort();
}

/** Index of the first place at or after `from`. */
function firstAt(places: Uint32Array, from: number): number {
  let [lo, hi] = [0, places.length];
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (places[middle] < from) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}

/** Visits what is kept in these rows: its place among them, and its value. */
export function eachKept(
  { places, side }: KeptValues,
  { row0, rows, cols }: Rows,
  visit: (at: number, value: number) => void,
): void {
  const [from, to] = [row0 * cols, (row0 + rows) * cols];
  for (let k = firstAt(places, from); k < places.length && places[k] < to; k++) visit(places[k] - from, side.values[k]);
}

/** The rows with zeros in their places. */
export function withoutKept(kept: KeptValues, rows: Rows): Float32Array {
  const out = rows.values.slice();
  eachKept(kept, rows, (at) => {
    out[at] = 0;
  });
  return out;
}

/** The rows with what is kept added: fl32(value + kept). */
export function addKept(kept: KeptValues, rows: Rows): Float32Array {
  const out = rows.values.slice();
  eachKept(kept, rows, (at, value) => {
    out[at] += value;
  });
  return out;
}

/** Values and places, ceil(log2(rows x cols)) bits each. */
export function keptBits(what: string, { places, side }: KeptValues, { rows, cols }: StepShape): Bits[] {
  const n = rows * cols;
  return [
    { what: `${what} (${side.recipe})`, bitsPerWeight: side.bits / n },
    { what: `places of ${places.length} ${what}`, bitsPerWeight: (places.length * indexBits(n)) / n },
  ];
}

/** How many values a share of all is, as far as they are finite. */
export const countOf = ({ values }: Matrix, frac: number): number => {
  let finite = 0;
  for (let i = 0; i < values.length; i++) if (values[i] - values[i] === 0) finite++;
  return Math.min(finite, Math.round(frac * values.length));
};
