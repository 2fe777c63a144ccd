// Codebooks of at most 16 levels: each middle becomes the least float32 x that goes to the upper level, exactly.
import { Field } from "../fields";
import { encodeExact } from "./exact";
import {
  PLANES, RECIPROCAL, SCALE, SUM_FLUSHED, SUM_SATURATED, THRESHOLDS, ZERO, addSum, address, field, int,
} from "./memory";

/** Float32 bits as integers in the order of the values. */
// @ts-ignore: decorator
@inline function ordered(x: f32): i32 {
  const bits = reinterpret<i32>(x);
  return bits < 0 ? <i32>0x80000000 - bits : bits;
}

// @ts-ignore: decorator
@inline function unordered(k: i32): f32 {
  return reinterpret<f32>(k < 0 ? <i32>0x80000000 - k : k);
}

/** Whether x/s goes to the upper of two levels, by the exact sign of 2x - (a + b)s. */
// @ts-ignore: decorator
@inline function goesUp(x: f32, h: f64, l: f64, tie: bool): bool {
  const d = 2 * <f64>x - h - l;
  return d > 0 || (tie && d == 0);
}

/**
 * Finds the thresholds under the scale s > 0 where a middle times the scale is exact in float64: that product as the
 * nearest float32, or the one above where the nearest lies below it or is a tie that stays.
 */
function findThresholds(s: f64): void {
  const middles = address(Field.middles);
  const ties = address(Field.ties);
  const n = <usize>int(Field.levels) - 1;
  const scale = f64x2.splat(s);
  for (let j: usize = 0; j < n; j += 4) {
    const t0 = f64x2.mul(v128.load(middles + (j << 3)), scale);
    const t1 = f64x2.mul(v128.load(middles + (j << 3), 16), scale);
    const a = f32x4.demote_f64x2_zero(t0);
    const b = f32x4.demote_f64x2_zero(t1);
    const f = v128.shuffle<i64>(a, b, 0, 2);
    const a64 = f64x2.promote_low_f32x4(a);
    const b64 = f64x2.promote_low_f32x4(b);
    const below = v128.shuffle<i32>(f64x2.lt(a64, t0), f64x2.lt(b64, t1), 0, 2, 4, 6);
    const equal = v128.shuffle<i32>(f64x2.eq(a64, t0), f64x2.eq(b64, t1), 0, 2, 4, 6);
    const moves = v128.or(below, v128.andnot(equal, v128.load(ties + (j << 2))));
    // One up is one more for positive bits, one less for negative ones.
    const up = v128.or(i32x4.shr_s(f, 31), i32x4.splat(1));
    v128.store(THRESHOLDS + (j << 2), i32x4.add(f, v128.and(up, moves)));
  }
}

/** Finds the thresholds under the scale s > 0 whatever the widths of the levels. */
function searchThresholds(s: f64): void {
  const levels = address(Field.levelValues);
  const odd = address(Field.levelOdd);
  const n = int(Field.levels) - 1;
  for (let j = 0; j < n; j++) {
    const at = levels + ((<usize>j) << 3);
    const p = load<f64>(at) * s;
    const q = load<f64>(at, 8) * s;
    // Knuth's two-sum: h + l = p + q exactly.
    const h = p + q;
    const pp = h - q;
    const l = p - pp + (q - (h - pp));
    const tie = load<u8>(odd + j) != 0;
    let k = ordered(<f32>(h / 2));
    if (goesUp(unordered(k), h, l, tie)) {
      while (goesUp(unordered(k - 1), h, l, tie)) k--;
    } else {
      do k++; while (!goesUp(unordered(k), h, l, tie));
    }
    store<f32>(THRESHOLDS + ((<usize>j) << 2), unordered(k));
  }
}

/** The largest float32 not above t, for t >= 0; the least not below, for t <= 0. */
// @ts-ignore: decorator
@inline function towardZero(t: f64): f32 {
  const f = <f32>t;
  return Math.abs(<f64>f) > Math.abs(t) ? reinterpret<f32>(reinterpret<i32>(f) - 1) : f;
}

/** Encodes n elements that share the scale at `s`. */
export function encodeBook(u: usize, y: usize, c: usize, n: i32, s: usize): void {
  const scale = load<f32>(s);
  const high = field(Field.endHigh);
  const low = field(Field.endLow);
  const simple = scale >= <f32>field(Field.leastScale) && scale <= <f32>field(Field.mostScale) && high >= 0 && low <= 0;
  const whole: usize = simple && n >= 16 ? ((<usize>n) << 2) & ~63 : 0;
  let saturated = i32x4.splat(0);
  let flushed = i32x4.splat(0);
  if (whole > 0) {
    const library = int(Field.library) != 0;
    let table = THRESHOLDS;
    if (library) table = address(Field.stairs);
    else if (int(Field.wide)) searchThresholds(scale);
    else findThresholds(scale);
    const last = table + ((<usize>(int(Field.levels) - 1)) << 2);
    // A library's quotients are float32 and meet the ends as they are.
    const inverse = f32x4.splat(library ? load<f32>(s + (RECIPROCAL - SCALE)) : 1);
    const above = f32x4.splat(library ? <f32>high : towardZero(high * scale));
    const below = f32x4.splat(library ? <f32>low : towardZero(low * scale));
    const factor = f32x4.splat(scale);
    const nothing = i32x4.splat(0);
    const magnitude = i32x4.splat(0x7fffffff);
    const plane0 = v128.load(PLANES);
    const plane1 = v128.load(PLANES, 16);
    const plane2 = v128.load(PLANES, 32);
    const plane3 = v128.load(PLANES, 48);
    const planeCode = v128.load(PLANES, 64);
    for (let i: usize = 0; i < whole; i += 64) {
      const x0 = v128.load(u + i);
      const x1 = v128.load(u + i, 16);
      const x2 = v128.load(u + i, 32);
      const x3 = v128.load(u + i, 48);
      const q0 = f32x4.mul(x0, inverse);
      const q1 = f32x4.mul(x1, inverse);
      const q2 = f32x4.mul(x2, inverse);
      const q3 = f32x4.mul(x3, inverse);
      const size = i32x4.max_s(
        i32x4.max_s(v128.and(q0, magnitude), v128.and(q1, magnitude)),
        i32x4.max_s(v128.and(q2, magnitude), v128.and(q3, magnitude)),
      );
      if (v128.any_true(i32x4.gt_s(size, i32x4.splat(0x7f7fffff)))) {
        encodeExact(u + i, y + i, c + i, 16, s, ZERO, 0);
        continue;
      }
      let r0 = nothing;
      let r1 = nothing;
      let r2 = nothing;
      let r3 = nothing;
      for (let t = table; t < last; t += 4) {
        const threshold = v128.load32_splat(t);
        r0 = i32x4.sub(r0, f32x4.ge(q0, threshold));
        r1 = i32x4.sub(r1, f32x4.ge(q1, threshold));
        r2 = i32x4.sub(r2, f32x4.ge(q2, threshold));
        r3 = i32x4.sub(r3, f32x4.ge(q3, threshold));
      }
      const ranks = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(r0, r1), i16x8.narrow_i32x4_s(r2, r3));
      const b0 = i8x16.swizzle(plane0, ranks);
      const b1 = i8x16.swizzle(plane1, ranks);
      const b2 = i8x16.swizzle(plane2, ranks);
      const b3 = i8x16.swizzle(plane3, ranks);
      const codes = i8x16.swizzle(planeCode, ranks);
      const low01 = v128.shuffle<i8>(b0, b1, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const low23 = v128.shuffle<i8>(b2, b3, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const high01 = v128.shuffle<i8>(b0, b1, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const high23 = v128.shuffle<i8>(b2, b3, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const l0 = v128.shuffle<i16>(low01, low23, 0, 8, 1, 9, 2, 10, 3, 11);
      const l1 = v128.shuffle<i16>(low01, low23, 4, 12, 5, 13, 6, 14, 7, 15);
      const l2 = v128.shuffle<i16>(high01, high23, 0, 8, 1, 9, 2, 10, 3, 11);
      const l3 = v128.shuffle<i16>(high01, high23, 4, 12, 5, 13, 6, 14, 7, 15);
      v128.store(y + i, f32x4.mul(l0, factor));
      v128.store(y + i, f32x4.mul(l1, factor), 16);
      v128.store(y + i, f32x4.mul(l2, factor), 32);
      v128.store(y + i, f32x4.mul(l3, factor), 48);
      const c01 = i16x8.extend_low_i8x16_u(codes);
      const c23 = i16x8.extend_high_i8x16_u(codes);
      v128.store(c + i, i32x4.extend_low_i16x8_u(c01));
      v128.store(c + i, i32x4.extend_high_i16x8_u(c01), 16);
      v128.store(c + i, i32x4.extend_low_i16x8_u(c23), 32);
      v128.store(c + i, i32x4.extend_high_i16x8_u(c23), 48);
      saturated = i32x4.sub(saturated, v128.or(f32x4.gt(q0, above), f32x4.lt(q0, below)));
      saturated = i32x4.sub(saturated, v128.or(f32x4.gt(q1, above), f32x4.lt(q1, below)));
      saturated = i32x4.sub(saturated, v128.or(f32x4.gt(q2, above), f32x4.lt(q2, below)));
      saturated = i32x4.sub(saturated, v128.or(f32x4.gt(q3, above), f32x4.lt(q3, below)));
      flushed = i32x4.sub(flushed, v128.andnot(f32x4.eq(l0, nothing), f32x4.eq(x0, nothing)));
      flushed = i32x4.sub(flushed, v128.andnot(f32x4.eq(l1, nothing), f32x4.eq(x1, nothing)));
      flushed = i32x4.sub(flushed, v128.andnot(f32x4.eq(l2, nothing), f32x4.eq(x2, nothing)));
      flushed = i32x4.sub(flushed, v128.andnot(f32x4.eq(l3, nothing), f32x4.eq(x3, nothing)));
    }
    addSum(SUM_SATURATED, sum(saturated));
    addSum(SUM_FLUSHED, sum(flushed));
  }
  if (whole < (<usize>n) << 2) encodeExact(u + whole, y + whole, c + whole, n - <i32>(whole >> 2), s, ZERO, 0);
}

function sum(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}
