// Sums of a sweep: what a recipe did to a stretch, without histograms and profiles. e = fl32(x - y); squares and products
// are float32, and every sum is float64, so that a sweep's figures are those of the reference.

/** Sum of x^2, of e^2, of |e|, of x * y and of y^2, and the largest |e|; float64 each. */
const OUT: usize = memory.data(8 * 6, 16);

export function errorsAddress(): usize {
  return OUT;
}

// @ts-ignore: decorator
@inline function both(v: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1)));
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
    signal = f64x2.add(signal, both(f32x4.mul(a, a)));
    error = f64x2.add(error, both(f32x4.mul(e, e)));
    abs = f64x2.add(abs, both(m));
    dot = f64x2.add(dot, both(f32x4.mul(a, b)));
    energy = f64x2.add(energy, both(f32x4.mul(b, b)));
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
    own += <f64>(a * a);
    sum += <f64>(e * e);
    absolute += <f64>m;
    product += <f64>(a * b);
    square += <f64>(b * b);
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
