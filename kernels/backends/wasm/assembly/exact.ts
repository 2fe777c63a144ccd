// The exact path, one element at a time: the definition of a code as the reference backend has it, in float64.
import { BUCKET_SHIFT, Field, Kind, Mode, Overflow } from "../fields";
import { drawOne, drawsUp } from "./draw";
import { RECIPROCAL, SCALE, SUM_FLUSHED, SUM_SATURATED, addSum, address, field, int } from "./memory";

/** Set where a value or result is not finite: the sums of the segment then go element by element. */
export let sawNonFinite: bool = false;

export function clearNonFinite(): void {
  sawNonFinite = false;
}

/** Sign of x/s - (a + b)/2 for s > 0 and float32 operands, exact whatever their widths. */
// @ts-ignore: decorator
@inline function sideOfSum(x: f64, a: f64, b: f64, s: f64): i32 {
  const p = a * s;
  const q = b * s;
  // Knuth's two-sum: h + l = p + q.
  const h = p + q;
  const pp = h - q;
  const l = p - pp + (q - (h - pp));
  const d = 2 * x - h - l;
  return d > 0 ? 1 : d < 0 ? -1 : 0;
}

/** Whether a value strictly between two neighbours goes to the upper one. */
// @ts-ignore: decorator
@inline export function takesUpper(mode: i32, side: i32, negative: bool, lowerOdd: bool): bool {
  switch (mode) {
    case Mode.rne: return side == 0 ? lowerOdd : side > 0;
    case Mode.away: return side == 0 ? !negative : side > 0;
    case Mode.inward: return side == 0 ? negative : side > 0;
    case Mode.trunc: return negative;
    case Mode.up: return true;
    case Mode.down: return false;
    case Mode.lower: return side > 0;
    default: return !lowerOdd;
  }
}

/**
 * Encodes n elements. `s` and `z` point at the scale and the zero point of the first; the next lie `stride` bytes on (0
 * where all share one). Products of a level and a scale are exact in float64, so x is compared with those.
 */
export function encodeExact(u: usize, y: usize, c: usize, n: i32, s: usize, z: usize, stride: usize): void {
  const kind = int(Field.kind);
  if (kind == Kind.exactInteger || kind == Kind.integer || kind == Kind.randomInteger) {
    encodeInteger(u, y, c, n, s, z, stride);
  } else encodeLadder(u, y, c, n, s, stride);
}

/** Whether num/den, strictly between two neighbours on different sides of `middle`, goes to the upper one. */
// @ts-ignore: decorator
@inline function takesNext(
  mode: i32, num: f64, den: f64, lower: f64, upper: f64, side: i32, lowerOdd: bool, element: usize,
): bool {
  if (mode < Mode.sr) return takesUpper(mode, side, den > 0 ? num < 0 : num > 0, lowerOdd);
  const word = drawOne(element);
  return mode == Mode.coin ? word >= 0x80000000 : drawsUp(num, den, lower, upper, word);
}

// @ts-ignore: decorator
@inline function sign(d: f64): i32 {
  return d > 0 ? 1 : d < 0 ? -1 : 0;
}

/** Whether a quotient beyond the first or the last level rounds to the one that would come next, or lies beyond that. */
function overflows(mode: i32, num: f64, den: f64, above: bool, end: f64, endOdd: bool, element: usize): bool {
  const next = field(above ? Field.nextAbove : Field.nextBelow);
  if (above ? num >= next * den : num <= next * den) return true;
  const lower = above ? end : next;
  const upper = above ? next : end;
  const side = sign(num - ((lower + upper) / 2) * den);
  const up = takesNext(mode, num, den, lower, upper, side, above ? endOdd : !endOdd, element);
  return above ? up : !up;
}

/** Which end of the range an infinite value keeps to: that of its sign, or the other where the scale is negative. */
// @ts-ignore: decorator
@inline function towardTop(x: f64, scale: f64): bool {
  return scale < 0 ? x < 0 : x > 0;
}

function uncount(code: u32): void {
  const counts = address(Field.codeCounts);
  if (!int(Field.countCodes)) return;
  const at = counts + ((<usize>code) << 2);
  store<u32>(at, load<u32>(at) - 1);
}

/** Writes what a value beyond the range gives where it does not saturate. */
function storeOverflow(above: bool, y: usize, c: usize): u32 {
  const code = <u32>int(above ? Field.codeAbove : Field.codeBelow);
  const infinite = int(Field.overflow) == Overflow.infinity && (above || int(Field.nanBelow) == 0);
  store<f32>(y, infinite ? (above ? <f32>Infinity : -<f32>Infinity) : <f32>NaN);
  store<u32>(c, code);
  sawNonFinite = true;
  return code;
}

function encodeLadder(u: usize, y: usize, c: usize, n: i32, s: usize, stride: usize): void {
  const levels = address(Field.levelValues);
  const middles = address(Field.middles);
  const codes = address(Field.levelCodes);
  const odd = address(Field.levelOdd);
  const last = int(Field.levels) - 1;
  const mode = int(Field.mode);
  const wide = int(Field.wide) != 0;
  const library = int(Field.library) != 0;
  const divides = int(Field.divides) != 0;
  const clamps = int(Field.overflow) == Overflow.clamp;
  const minusZero = <u32>int(Field.minusZero);
  const nan = int(Field.nanCode);
  const endLow = field(Field.endLow);
  const endHigh = field(Field.endHigh);
  const buckets = address(Field.buckets);
  const firstKey = int(Field.firstBucket);
  const lastKey = int(Field.bucketCount) - 1;
  const lowest = load<f64>(levels);
  const highest = load<f64>(levels + ((<usize>last) << 3));
  let saturated = 0;
  let flushed = 0;
  for (let i = 0; i < n; i++, s += stride) {
    const at = (<usize>i) << 2;
    const value = load<f32>(u + at);
    const x = <f64>value;
    const scale = <f64>load<f32>(s);
    let q: f64 = 0;
    if (library) {
      const factor = load<f32>(s + (RECIPROCAL - SCALE));
      if (!divides) q = <f64>(value * factor);
      else if (factor != 0) q = <f64>(value / factor);
    }
    if (x - x != 0 || scale != scale || q - q != 0) {
      sawNonFinite = true;
      let code: u32;
      if (x != x || scale != scale) {
        code = <u32>nan;
        store<f32>(y + at, <f32>NaN);
        store<u32>(c + at, code);
      } else if (clamps) {
        const rank = towardTop(x, scale) ? last : 0;
        code = load<u32>(codes + ((<usize>rank) << 2));
        store<f32>(y + at, <f32>(load<f64>(levels + ((<usize>rank) << 3)) * scale));
        store<u32>(c + at, code);
      } else code = storeOverflow(towardTop(x, scale), y + at, c + at);
      if (x - x != 0) uncount(code);
      continue;
    }
    // x/s = num/den with den > 0; a scale of zero stands for a quotient of zero.
    const num: f64 = library ? q : scale == 0 ? 0 : scale < 0 ? -x : x;
    const den: f64 = library || scale == 0 ? 1 : Math.abs(scale);
    // Between the ranks at the ends of the quotient's bucket, of which there are few.
    let low = 0;
    let high = last + 1;
    if (buckets) {
      const word = <i32>(reinterpret<u64>(num / den) >> 32);
      const key = min(max(((word & 0x7fffffff) >> BUCKET_SHIFT) - firstKey, 0), lastKey);
      const at = buckets + ((<usize>(word < 0 ? lastKey + 2 + key : key)) << 2);
      const near = load<i32>(at) + 1;
      const far = load<i32>(at, 4) + 1;
      low = min(near, far);
      high = max(near, far);
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      if (load<f64>(levels + ((<usize>middle) << 3)) * den <= num) low = middle + 1;
      else high = middle;
    }
    let rank = low - 1;
    if (rank < 0) {
      rank = 0;
      if (!clamps && num < 0 && overflows(mode, num, den, false, lowest, load<u8>(odd) != 0, u + at)) {
        storeOverflow(false, y + at, c + at);
        continue;
      }
    } else if (rank < last) {
      const a = load<f64>(levels + ((<usize>rank) << 3));
      const b = load<f64>(levels + ((<usize>rank) << 3), 8);
      if (a * den != num) {
        let side: i32;
        if (library) side = sign(num - load<f64>(middles + ((<usize>rank) << 3)));
        else if (wide) side = sideOfSum(num, a, b, den);
        else side = sign(num - (a / 2 + b / 2) * den);
        if (takesNext(mode, num, den, a, b, side, load<u8>(odd + rank) != 0, u + at)) rank++;
      }
    } else if (!clamps && num > highest * den) {
      if (overflows(mode, num, den, true, highest, load<u8>(odd + rank) != 0, u + at)) {
        storeOverflow(true, y + at, c + at);
        continue;
      }
    }
    if (num > endHigh * den || num < endLow * den) saturated++;
    const level = load<f64>(levels + ((<usize>rank) << 3));
    let code = load<u32>(codes + ((<usize>rank) << 2));
    if (level == 0) {
      const minus = reinterpret<u32>(value) >> 31 != 0;
      if (x != 0) flushed++;
      store<f32>(y + at, minus && minusZero ? -0.0 : library ? <f32>(level * scale) : 0.0);
      if (minus) code += minusZero;
    } else {
      const result = <f32>(level * scale);
      if (result - result != 0) sawNonFinite = true;
      store<f32>(y + at, result);
    }
    store<u32>(c + at, code);
  }
  addSum(SUM_SATURATED, saturated);
  addSum(SUM_FLUSHED, flushed);
}

function encodeInteger(u: usize, y: usize, c: usize, n: i32, s: usize, z: usize, stride: usize): void {
  const mode = int(Field.mode);
  const affine = int(Field.affine) != 0;
  const min = field(Field.codeMin);
  const max = field(Field.codeMax);
  const step = field(Field.step);
  const mask = (<u32>1 << int(Field.codeBits)) - 1;
  const endLow = field(Field.endLow) * step;
  const endHigh = field(Field.endHigh) * step;
  let saturated = 0;
  let flushed = 0;
  for (let i = 0; i < n; i++, s += stride, z += stride) {
    const at = (<usize>i) << 2;
    const value = load<f32>(u + at);
    const x = <f64>value;
    const scale = <f64>load<f32>(s);
    const zero: f64 = affine ? <f64>load<i32>(z) : 0;
    const q = scale == 0 ? 0 : (x / scale) * step;
    let k: f64;
    const finite = x - x == 0;
    const ordinary = finite && q - q == 0;
    if (!ordinary) {
      sawNonFinite = true;
      if (x != x || scale != scale) {
        const code = <u32><i32>zero;
        store<f32>(y + at, <f32>NaN);
        store<u32>(c + at, code);
        if (!finite) uncount(code);
        continue;
      }
      k = towardTop(x, scale) ? Infinity : -Infinity;
    } else {
      k = Math.floor(q);
      if (k != q) {
        const num = x * step;
        const den: f64 = scale;
        if (takesNext(mode, num, den, k, k + 1, sign(q - k - 0.5), (<i64>k) & 1 ? true : false, u + at)) k += 1;
      }
    }
    if (affine) k += zero;
    k = Math.min(max, Math.max(min, k));
    if (ordinary && (q + zero > endHigh || q + zero < endLow)) saturated++;
    const level = (k - zero) / step;
    if (level == 0) {
      if (x != 0 && finite) flushed++;
      store<f32>(y + at, 0);
    } else {
      const result = <f32>(level * scale);
      if (result - result != 0) sawNonFinite = true;
      store<f32>(y + at, result);
    }
    const code = (<u32><i32>k) & mask;
    store<u32>(c + at, code);
    if (!finite) uncount(code);
  }
  addSum(SUM_SATURATED, saturated);
  addSum(SUM_FLUSHED, flushed);
}
