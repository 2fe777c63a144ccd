import { exponentOf, highWord } from "../exact/bits.ts";
import { codeCount, decode, signBit } from "./codes.ts";
import type { CodedFormat, FloatFormat } from "./types.ts";

/**
 * The levels of a format in ascending order, and the way from a number to the two levels around it: the one structure
 * from which every rounding of every format follows.
 */
export interface Ladder {
  format: CodedFormat;
  /** Finite values, ascending, each once. Exact doubles. */
  levels: Float64Array;
  /** Code of each level; for a zero that has two codes, that of plus zero. */
  codes: Uint32Array;
  /** 1 where the level counts as odd for ties: by its code, or by its rank in a codebook, whose codes carry no order. */
  odd: Uint8Array;
  /** (levels[i] + levels[i+1]) / 2. */
  middles: Float64Array;
  /** Rank of the level that is zero, or -1. */
  zero: number;
  /** Largest magnitude, the usual divisor of amax. */
  maxAbs: number;
  /** Whether a middle may need more than the 28 bits that a double quotient decides: see `exact/ratio.ts`. */
  wide: boolean;
  /** Rank of the greatest level <= q, or -1 where q lies below all. q is not NaN. */
  floor(q: number): number;
}

/** Middles of adjacent levels of floats and integers need at most mantissa + 2 bits; free codebooks may need any. */
function isWide(levels: Float64Array): boolean {
  const significant = (x: number): number => {
    let bits = 0;
    let m = Math.abs(x) * 2 ** -exponentOf(x);
    while (m !== Math.floor(m)) {
      m *= 2;
      bits++;
    }
    return bits + 1;
  };
  for (let i = 1; i < levels.length; i++) {
    const [a, b] = [levels[i - 1], levels[i]];
    if (a !== 0 && b !== 0 && Math.abs(exponentOf(a) - exponentOf(b)) > 28) return true;
    const sum = a + b;
    if (sum !== 0 && significant(sum) > 28) return true;
  }
  return false;
}

/** Values and codes of all levels, ascending. */
interface Ascending {
  levels: Float64Array;
  codes: Uint32Array;
}

function ascending(format: CodedFormat): Ascending {
  if (format.kind === "float") return ascendingFloats(format);
  const pairs: [number, number][] = [];
  for (let code = 0; code < codeCount(format); code++) {
    const value = decode(format, code);
    const below = format.kind === "integer" && value * 2 ** format.frac < format.min;
    if (Number.isFinite(value) && !Object.is(value, -0) && !below) pairs.push([value, code]);
  }
  pairs.sort((a, b) => a[0] - b[0]);
  // Codes that choose among elements have some levels several times: the first code is the level's.
  const each = pairs.filter(([value], i) => i === 0 || value !== pairs[i - 1][0]);
  return { levels: Float64Array.from(each, (p) => p[0]), codes: Uint32Array.from(each, (p) => p[1]) };
}

/** Magnitudes of floats ascend with their codes, in equal steps from power to power of two: half a million take no time. */
function ascendingFloats(format: FloatFormat): Ascending {
  const { exponentBits, mantissaBits, bias, subnormals } = format;
  const perBinade = 2 ** mantissaBits;
  const magnitudes: number[] = [];
  for (let exponent = 0; exponent < 2 ** exponentBits; exponent++) {
    const base = exponent * perBinade;
    const first = decode(format, base);
    const step = 2 ** ((exponent === 0 && subnormals ? 1 : exponent) - bias - mantissaBits);
    if (!Number.isFinite(first)) break;
    for (let fraction = 0; fraction < perBinade; fraction++) magnitudes.push(first + fraction * step);
  }
  // Where the codes of most ones are no numbers they are the last.
  while (!Number.isFinite(decode(format, magnitudes.length - 1))) magnitudes.pop();
  const sign = signBit(format);
  const n = magnitudes.length;
  // The negative ones, without a negative zero, from the largest magnitude up to zero.
  const below = sign === 0 ? 0 : n - 1;
  const levels = new Float64Array(below + n);
  const codes = new Uint32Array(below + n);
  for (let i = 0; i < below; i++) {
    levels[i] = -magnitudes[n - 1 - i];
    codes[i] = sign + n - 1 - i;
  }
  for (let i = 0; i < n; i++) {
    levels[below + i] = magnitudes[i];
    codes[below + i] = i;
  }
  return { levels, codes };
}

function buildLadder(format: CodedFormat): Ladder {
  const sign = signBit(format);
  const { levels, codes } = ascending(format);
  const odd = new Uint8Array(levels.length);
  const mask = (sign - 1 || -1) & 1;
  for (let rank = 0; rank < levels.length; rank++) {
    // The significand of a lone power of two is 1, that of the next is 2: the upper is always the even one, so that ties
    // go up as they do in PyTorch and ml_dtypes.
    if (format.kind === "codebook") odd[rank] = rank & 1;
    else odd[rank] = format.kind === "float" && !format.subnormals ? 1 : codes[rank] & mask;
  }
  const middles = new Float64Array(Math.max(0, levels.length - 1));
  for (let i = 0; i < middles.length; i++) middles[i] = levels[i] / 2 + levels[i + 1] / 2;
  return {
    format,
    levels,
    codes,
    odd,
    middles,
    zero: levels.indexOf(0),
    maxAbs: Math.max(Math.abs(levels[0]), Math.abs(levels[levels.length - 1])),
    wide: format.kind === "codebook" && isWide(levels),
    floor: floorFinder(levels),
  };
}

/**
 * Rank of the greatest level <= q through a table over the top bits of q's double (sign, exponent, 7 bits of fraction):
 * the table gives the rank at the lower end of that interval, a short walk does the rest.
 */
function floorFinder(levels: Float64Array): (q: number) => number {
  const n = levels.length;
  const [least, most] = exponentsOf(levels);
  const first = (least + 1023) << 7;
  const last = ((most + 1023) << 7) + 127;
  const size = last - first + 1;
  const keyValue = (key: number) => 2 ** ((key >> 7) - 1023) * (1 + (key & 127) / 128);
  const up = new Int32Array(size + 1);
  const down = new Int32Array(size + 1);
  for (let k = 0; k <= size; k++) {
    up[k] = rankOf(levels, keyValue(first + k));
    // A negative q of key k is above -keyValue(k + 1).
    down[k] = rankOf(levels, -keyValue(first + k + 1));
  }
  const below = rankOf(levels, -keyValue(first));
  const aboveZero = rankOf(levels, 0);
  return (q: number): number => {
    const high = highWord(q);
    const key = ((high & 0x7fffffff) >>> 13) - first;
    let rank: number;
    if (high >= 0x80000000) rank = key < 0 ? below : key >= size ? -1 : down[key];
    else rank = key < 0 ? aboveZero : key >= size ? n - 1 : up[key];
    while (rank + 1 < n && levels[rank + 1] <= q) rank++;
    return rank;
  };
}

/** Least and greatest exponent of the levels that are not zero. */
function exponentsOf(levels: Float64Array): [number, number] {
  let [lo, hi] = [Infinity, -Infinity];
  for (const v of levels) {
    if (v === 0) continue;
    const e = exponentOf(v);
    if (e < lo) lo = e;
    if (e > hi) hi = e;
  }
  return [lo, hi];
}

/** Rank of the greatest level <= q by bisection, -1 below all. */
function rankOf(levels: Float64Array, q: number): number {
  let [lo, hi] = [0, levels.length];
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (levels[mid] <= q) lo = mid + 1;
    else hi = mid;
  }
  return lo - 1;
}

const cache = new Map<string, Ladder>();

/** The ladder of a format, built once for each distinct format. */
export function ladderOf(format: CodedFormat): Ladder {
  const key =
    format.kind === "codebook" ? `${format.name}:${Array.from(format.values).join()}` : JSON.stringify(format);
  const known = cache.get(key);
  if (known) return known;
  if (cache.size > 64) cache.clear();
  const ladder = buildLadder(format);
  cache.set(key, ladder);
  return ladder;
}
