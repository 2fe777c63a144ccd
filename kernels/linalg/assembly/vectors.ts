// Sums over vectors, each in an order of its own: eight partial sums, added pairwise at the end.

/** The sum of x[i] y[i]. */
export function dot(x: usize, y: usize, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  const whole = x + (<usize>(n & ~7) << 3);
  while (x < whole) {
    a = f64x2.add(a, f64x2.mul(v128.load(x), v128.load(y)));
    b = f64x2.add(b, f64x2.mul(v128.load(x, 16), v128.load(y, 16)));
    c = f64x2.add(c, f64x2.mul(v128.load(x, 32), v128.load(y, 32)));
    d = f64x2.add(d, f64x2.mul(v128.load(x, 48), v128.load(y, 48)));
    x += 64;
    y += 64;
  }
  const pairs = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let sum = f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
  for (let i = n & ~7; i < n; i++) {
    sum += load<f64>(x) * load<f64>(y);
    x += 8;
    y += 8;
  }
  return sum;
}

/** y -= factor x. */
export function subtractScaled(y: usize, x: usize, factor: f64, n: i32): void {
  const f = f64x2.splat(factor);
  const whole = y + (<usize>(n & ~1) << 3);
  while (y < whole) {
    v128.store(y, f64x2.sub(v128.load(y), f64x2.mul(f, v128.load(x))));
    x += 16;
    y += 16;
  }
  if (n & 1) store<f64>(y, load<f64>(y) - factor * load<f64>(x));
}

/** The largest magnitude. */
export function largest(x: usize, n: i32): f64 {
  let most: f64 = 0;
  for (let i = 0; i < n; i++) most = max(most, Math.abs(load<f64>(x + (<usize>i << 3))));
  return most;
}
