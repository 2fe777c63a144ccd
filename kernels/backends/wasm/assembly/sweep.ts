// Sums of a sweep: what a recipe did to a stretch, without histograms and profiles. e = fl32(x - y); squares, products and
// sums are float64, so that a sweep's figures are those of the reference.

/** Sum of x^2, of e^2, of |e|, of x * y and of y^2, and the largest |e|; float64 each. */
const OUT: usize = memory.data(8 * 6, 16);

export function errorsAddress(): usize {
  return OUT;
}

/** The two upper ones of four float32 in float64. */
// @ts-ignore: decorator
@inline function upper(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
}

/** The sum of two products, lane by lane. */
// @ts-ignore: decorator
@inline function products(a: v128, b: v128, c: v128, d: v128): v128 {
  return f64x2.add(f64x2.mul(a, b), f64x2.mul(c, d));
}

// @ts-ignore: decorator
@inline function close(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Sums n values and their results; false where one of them is not finite, and then there are no sums. */
export function sumErrors(x: usize, y: usize, n: i32): bool {
  const magnitude = i32x4.splat(0x7fffffff);
  let signal = f64x2.splat(0);
  let error = f64x2.splat(0);
  let abs = f64x2.splat(0);
  let dot = f64x2.splat(0);
  let energy = f64x2.splat(0);
  let top = i32x4.splat(0);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  for (const whole = end & ~15; i < whole; i += 16) {
    const a = v128.load(x + i);
    const b = v128.load(y + i);
    const e = f32x4.sub(a, b);
    const m = v128.and(e, magnitude);
    top = i32x4.max_s(top, m);
    const a1 = f64x2.promote_low_f32x4(a);
    const a2 = upper(a);
    const b1 = f64x2.promote_low_f32x4(b);
    const b2 = upper(b);
    const m1 = f64x2.promote_low_f32x4(m);
    const m2 = upper(m);
    signal = f64x2.add(signal, products(a1, a1, a2, a2));
    error = f64x2.add(error, products(m1, m1, m2, m2));
    abs = f64x2.add(abs, f64x2.add(m1, m2));
    dot = f64x2.add(dot, products(a1, b1, a2, b2));
    energy = f64x2.add(energy, products(b1, b1, b2, b2));
  }
  top = i32x4.max_s(top, v128.shuffle<i64>(top, top, 1, 0));
  // By their bits, Inf and NaN are larger than every finite magnitude.
  let most = max(i32x4.extract_lane(top, 0), i32x4.extract_lane(top, 1));
  let sum: f64 = 0;
  let own: f64 = 0;
  let absolute: f64 = 0;
  let product: f64 = 0;
  let square: f64 = 0;
  for (; i < end; i += 4) {
    const a = load<f32>(x + i);
    const b = load<f32>(y + i);
    const e = a - b;
    const m = Mathf.abs(e);
    most = max(most, reinterpret<i32>(m));
    own += <f64>a * <f64>a;
    sum += <f64>e * <f64>e;
    absolute += <f64>m;
    product += <f64>a * <f64>b;
    square += <f64>b * <f64>b;
  }
  if (most >= 0x7f800000) return false;
  store<f64>(OUT, close(signal) + own);
  store<f64>(OUT + 8, close(error) + sum);
  store<f64>(OUT + 16, close(abs) + absolute);
  store<f64>(OUT + 24, close(dot) + product);
  store<f64>(OUT + 32, close(energy) + square);
  store<f64>(OUT + 40, <f64>reinterpret<f32>(most));
  return true;
}
