// Costs: the sum of |e|^p over a stretch, e = fl32(x - x^), as `scales/trials.ts` has it: value i adds to sum i mod 4.

/** Sums 0 to 3: 0 and 1, then 2 and 3. */
export const LANES: usize = memory.data(8 * 4, 16);

export function clearLanes(): void {
  v128.store(LANES, i64x2.splat(0));
  v128.store(LANES, i64x2.splat(0), 16);
}

// @ts-ignore: decorator
@inline export function total(): f64 {
  return sumOf(v128.load(LANES), v128.load(LANES, 16));
}

// @ts-ignore: decorator
@inline export function sumOf(even: v128, odd: v128): f64 {
  const both = f64x2.add(even, odd);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/** |v|^p of two float64. `kind` is a literal where this is called: 1, 2 or neither. */
// @ts-ignore: decorator
@inline export function term(kind: i32, v: v128, p: v128, shift: v128): v128 {
  if (kind == 2) return f64x2.mul(v, v);
  return kind == 1 ? f64x2.abs(v) : power(f64x2.abs(v), p, shift);
}

/** Adds n values and their results. Only the last stretch of a block has a length that is no multiple of 4. */
// @ts-ignore: decorator
@inline function addOfKind(kind: i32, x: usize, y: usize, n: i32, p: f64, shift: f64, limit: f64): void {
  const powers = f64x2.splat(p);
  const shifts = f64x2.splat(shift);
  let even = v128.load(LANES);
  let odd = v128.load(LANES, 16);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  for (const whole = end & ~15; i < whole; i += 16) {
    const e = f32x4.sub(v128.load(x + i), v128.load(y + i));
    even = f64x2.add(even, term(kind, f64x2.promote_low_f32x4(e), powers, shifts));
    odd = f64x2.add(odd, term(kind, f64x2.promote_low_f32x4(v128.shuffle<i64>(e, e, 1, 1)), powers, shifts));
    // Sums of what is never negative only grow, rounded or not.
    if (kind == 0 && (i & 112) == 112 && sumOf(even, odd) >= limit) break;
  }
  v128.store(LANES, even);
  v128.store(LANES, odd, 16);
  for (; i < end; i += 4) {
    const at = LANES + ((i & 12) << 1);
    const e = f64x2.splat(<f64>(load<f32>(x + i) - load<f32>(y + i)));
    store<f64>(at, load<f64>(at) + f64x2.extract_lane(term(kind, e, powers, shifts), 0));
  }
}

function addSquares(x: usize, y: usize, n: i32): void {
  addOfKind(2, x, y, n, 0, 0, Infinity);
}

function addMagnitudes(x: usize, y: usize, n: i32): void {
  addOfKind(1, x, y, n, 0, 0, Infinity);
}

function addPowers(x: usize, y: usize, n: i32, p: f64, shift: f64, limit: f64): void {
  addOfKind(0, x, y, n, p, shift, limit);
}

export function addTerms(x: usize, y: usize, n: i32, p: f64, shift: f64, limit: f64): void {
  if (p == 2) addSquares(x, y, n);
  else if (p == 1) addMagnitudes(x, y, n);
  else addPowers(x, y, n, p, shift, limit);
}

/** One step of Horner's rule. */
// @ts-ignore: decorator
@inline function step(sum: v128, x: v128, constant: f64): v128 {
  return f64x2.add(f64x2.mul(sum, x), f64x2.splat(constant));
}

/** (a / 2^shift)^p of two float64 that are not negative: `exact/scaled-pow.ts`, operation by operation. */
// @ts-ignore: decorator
@inline function power(a: v128, p: v128, shift: v128): v128 {
  const one = f64x2.splat(1);
  // 2^52 + e in the bits of a float64, then e without its bias.
  const biased = v128.or(i64x2.shr_u(a, 52), i64x2.splat(0x4330000000000000));
  let e = f64x2.sub(biased, f64x2.splat(4503599627371519));
  let m = v128.or(v128.and(a, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3ff0000000000000));
  const large = f64x2.gt(m, f64x2.splat(1.4142135623730951));
  m = v128.bitselect(f64x2.mul(m, f64x2.splat(0.5)), m, large);
  e = f64x2.add(e, v128.and(large, one));
  const z = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const zz = f64x2.mul(z, z);
  let sum = f64x2.splat(1.0 / 15.0);
  sum = step(sum, zz, 1.0 / 13.0);
  sum = step(sum, zz, 1.0 / 11.0);
  sum = step(sum, zz, 1.0 / 9.0);
  sum = step(sum, zz, 1.0 / 7.0);
  sum = step(sum, zz, 1.0 / 5.0);
  sum = step(sum, zz, 1.0 / 3.0);
  sum = step(sum, zz, 1.0);
  const whole = f64x2.mul(f64x2.sub(e, shift), f64x2.splat(0.6931471805599453));
  const y = f64x2.mul(p, f64x2.add(whole, f64x2.mul(f64x2.add(z, z), sum)));
  const k = f64x2.floor(f64x2.add(f64x2.mul(y, f64x2.splat(1.4426950408889634)), f64x2.splat(0.5)));
  const high = f64x2.sub(y, f64x2.mul(k, f64x2.splat(0.6931471803691238)));
  const r = f64x2.sub(high, f64x2.mul(k, f64x2.splat(1.9082149292705877e-10)));
  let t = f64x2.splat(1.0 / 39916800.0);
  t = step(t, r, 1.0 / 3628800.0);
  t = step(t, r, 1.0 / 362880.0);
  t = step(t, r, 1.0 / 40320.0);
  t = step(t, r, 1.0 / 5040.0);
  t = step(t, r, 1.0 / 720.0);
  t = step(t, r, 1.0 / 120.0);
  t = step(t, r, 1.0 / 24.0);
  t = step(t, r, 1.0 / 6.0);
  t = step(t, r, 1.0 / 2.0);
  t = step(t, r, 1.0);
  t = step(t, r, 1.0);
  // The low bits of 2^52 + 1023 + k are the exponent of 2^k.
  t = f64x2.mul(t, i64x2.shl(f64x2.add(k, f64x2.splat(4503599627371519)), 52));
  t = v128.andnot(t, f64x2.lt(y, f64x2.splat(-700)));
  t = v128.bitselect(f64x2.splat(Infinity), t, f64x2.gt(y, f64x2.splat(700)));
  t = v128.bitselect(t, f64x2.splat(NaN), f64x2.eq(f64x2.sub(a, a), i64x2.splat(0)));
  return v128.andnot(t, f64x2.eq(a, i64x2.splat(0)));
}

/** a^p of one float64 above zero. */
export function powerOf(a: f64, p: f64): f64 {
  return f64x2.extract_lane(power(f64x2.splat(a), f64x2.splat(p), f64x2.splat(0)), 0);
}

/** 2^k for a whole k that a normal float64 has. */
export function twoTo(k: f64): f64 {
  return reinterpret<f64>((<i64>k + 1023) << 52);
}
