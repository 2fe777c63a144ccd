/**
 * The points of a grid as codes of their coordinates, and for what lies off the grid the points around it: what quantizers
 * look up. A place is a number with the code of each coordinate, from the lowest bits up.
 */
import { IQ1S, IQ2S, IQ2XS, IQ2XXS, IQ3S, IQ3XXS } from "./grid-data.ts";

export interface Points {
  /** Coordinates of a point, and bits and number of codes of each. */
  dims: 4 | 8;
  bits: 2 | 3;
  levels: 3 | 8;
  count: number;
  /** How many different distances count as near. */
  distances: number;
  /** Codes of all coordinates, point after point. */
  codes: Uint8Array;
  /** The point at a place, or -1 where there is none. */
  at: Int16Array;
  /** The points nearest to a place off the grid: all that have one of the least distances, nearest first, of equals the first. */
  around(place: number): Uint16Array;
}

/** A grid's points, read when first asked for. */
function points(packed: string, dims: 4 | 8, distances: number): () => Points {
  let known: Points | null = null;
  return () => {
    known ??= read(packed, dims, distances);
    return known;
  };
}

function read(packed: string, dims: 4 | 8, distances: number): Points {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const count = bytes.length / 2;
  const bits = dims === 8 ? 2 : 3;
  const storedBits = 16 / dims;
  const codes = new Uint8Array(count * dims);
  const at = new Int16Array(2 ** (bits * dims)).fill(-1);
  for (let p = 0; p < count; p++) {
    const word = bytes[2 * p] | (bytes[2 * p + 1] << 8);
    let place = 0;
    for (let k = 0; k < dims; k++) {
      const code = (word >> (storedBits * k)) & (2 ** storedBits - 1);
      codes[p * dims + k] = code;
      place |= code << (bits * k);
    }
    at[place] = p;
  }
  const near = new Map<number, Uint16Array>();
  return {
    dims,
    bits,
    levels: dims === 8 ? 3 : 8,
    count,
    distances,
    codes,
    at,
    around(place) {
      const found = near.get(place);
      if (found) return found;
      const made = nearest(codes, count, dims, bits, place, distances);
      near.set(place, made);
      return made;
    },
  };
}

/** Distances are sums of squared differences of codes, four times smaller than those of ggml's odd coordinates. */
function nearest(
  codes: Uint8Array,
  count: number,
  dims: number,
  bits: number,
  place: number,
  distances: number,
): Uint16Array {
  const own = Uint8Array.from({ length: dims }, (_, k) => (place >> (bits * k)) & (2 ** bits - 1));
  const far = new Uint16Array(count);
  const atDistance = new Uint16Array(dims * 49 + 1);
  for (let p = 0; p < count; p++) {
    let sum = 0;
    for (let k = 0; k < dims; k++) {
      const difference = codes[p * dims + k] - own[k];
      sum += difference * difference;
    }
    far[p] = sum;
    atDistance[sum]++;
  }
  let total = 0;
  const chosen: number[] = [];
  for (let d = 0; d < atDistance.length && chosen.length < distances; d++) {
    if (atDistance[d] === 0) continue;
    chosen.push(d);
    total += atDistance[d];
  }
  const list = new Uint16Array(total);
  let next = 0;
  for (const d of chosen) for (let p = 0; p < count; p++) if (far[p] === d) list[next++] = p;
  return list;
}

export const iq2xxsPoints = points(IQ2XXS, 8, 2);
export const iq2xsPoints = points(IQ2XS, 8, 2);
export const iq2sPoints = points(IQ2S, 8, 1);
export const iq3xxsPoints = points(IQ3XXS, 4, 2);
export const iq3sPoints = points(IQ3S, 4, 3);
export const iq1Points = points(IQ1S, 8, 3);
