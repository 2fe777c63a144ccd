import { highWord } from "../../exact/bits.ts";
import type { Ladder } from "../../formats/ladder.ts";
import type { ElementSpec } from "../../plan/plan.ts";
import { decidingOf, type RoundingMode } from "../../rounding/modes/index.ts";

/**
 * A rounding that draws no random bits is a staircase: the rank of a quotient's level is the number of thresholds below
 * it. The table finds it without a search: the top bits of the quotient's double name a bucket with one threshold at
 * most, so that the rank is that of the bucket's lower end, and one more above the threshold.
 */
export interface Staircase {
  /** Bits of the high word that a bucket spans; the key of a magnitude is (high word without sign) >>> shift. */
  shift: number;
  /** Key of the first bucket, which also takes everything smaller; and how many buckets there are a sign. */
  first: number;
  size: number;
  /** By bucket, those of negative quotients from `size` on: the rank without the threshold, and the threshold. */
  base: Uint16Array;
  threshold: Float64Array;
}

/** Bits of the fraction that a key may take: 2^7 buckets an octave. */
const MOST_FRACTION = 7;
const MOST_BUCKETS = 2 ** 15;
/** Formats with more levels have too many a bucket. */
const MOST_LEVELS = 4096;

/**
 * The staircase of an element format under its rounding, or null where there is none: random roundings, codebooks whose
 * middles a double does not decide, and levels too close for buckets.
 */
export function staircase(spec: Pick<ElementSpec, "ladder" | "rounding" | "middles">): Staircase | null {
  const { ladder, rounding, middles } = spec;
  if (!ladder || ladder.wide || ladder.levels.length < 2 || ladder.levels.length > MOST_LEVELS) return null;
  const thresholds = thresholdsOf(ladder, middles, rounding.mode);
  if (!thresholds) return null;
  for (let fraction = 0; fraction <= MOST_FRACTION; fraction++) {
    const table = buildTable(thresholds, 20 - fraction);
    if (table) return table;
  }
  return null;
}

/** For each level but the last the greatest quotient that stays at it or below; null where chance decides. */
function thresholdsOf({ levels, odd }: Ladder, middles: Float64Array, mode: RoundingMode): Float64Array | null {
  const deciding = decidingOf(mode);
  switch (deciding.by) {
    case "nearest":
      return middles.map((middle, i) => (deciding.tieUp(middle < 0, odd[i] === 1) ? before(middle) : middle));
    case "side": {
      const { up } = deciding;
      // Between levels of both signs a rounding that goes by the sign is no staircase: toward zero is down above it and up below.
      const bySign = (i: number) =>
        levels[i] < 0 && levels[i + 1] > 0 && up(true, odd[i] === 1) !== up(false, odd[i] === 1);
      if (middles.some((_, i) => bySign(i))) return null;
      return middles.map((_, i) => (up(levels[i] < 0, odd[i] === 1) ? levels[i] : before(levels[i + 1])));
    }
    case "chance":
      return null;
  }
}

const f64 = new Float64Array(1);
const u64 = new BigUint64Array(f64.buffer);

/** The greatest double below x. */
function before(x: number): number {
  if (x === 0) return -Number.MIN_VALUE;
  f64[0] = x;
  u64[0] += x > 0 ? -1n : 1n;
  return f64[0];
}

/** The double with these bits above 2^32 and ones or zeros below. */
function fromHigh(high: number, ones: boolean): number {
  u64[0] = (BigInt(high >>> 0) << 32n) | (ones ? 0xffffffffn : 0n);
  return f64[0];
}

function buildTable(thresholds: Float64Array, shift: number): Staircase | null {
  const keys = Array.from(thresholds, (t) => (highWord(t) & 0x7fffffff) >>> shift);
  // Below the first bucket and above the last nothing changes but at zero.
  const away = keys.filter((_, i) => Math.abs(thresholds[i]) > Number.MIN_VALUE);
  const first = (away.length > 0 ? Math.min(...away) : 0) - 1;
  const last = (away.length > 0 ? Math.max(...away) : 0) + 1;
  const size = last - first + 1;
  if (first < 0 || 2 * size > MOST_BUCKETS) return null;
  const base = new Uint16Array(2 * size);
  const threshold = new Float64Array(2 * size).fill(Infinity);
  for (let k = 0; k < size; k++) {
    // The first bucket reaches down to zero, the last up to infinity.
    const least = k === 0 ? 0 : fromHigh((first + k) << shift, false);
    const most = k === size - 1 ? Number.MAX_VALUE : fromHigh(((first + k + 1) << shift) - 1, true);
    for (const [index, lo, hi] of [
      [k, least, most],
      [size + k, -most, -least],
    ]) {
      const from = countBelow(thresholds, lo);
      const steps = countBelow(thresholds, hi) - from;
      if (steps > 1) return null;
      base[index] = from;
      if (steps === 1) threshold[index] = thresholds[from];
    }
  }
  return { shift, first, size, base, threshold };
}

/** How many thresholds lie below q. */
function countBelow(thresholds: Float64Array, q: number): number {
  let [lo, hi] = [0, thresholds.length];
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (thresholds[mid] < q) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** The rank of a finite quotient's level. */
export function rankOn({ shift, first, size, base, threshold }: Staircase, q: number): number {
  const word = highWord(q);
  const key = Math.min(size - 1, Math.max(0, ((word & 0x7fffffff) >>> shift) - first));
  const index = word >>> 31 ? size + key : key;
  return base[index] + (q > threshold[index] ? 1 : 0);
}
