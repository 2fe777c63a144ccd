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

/** y[i] = the sum over k of row i at p times x[k]: four rows at a time, each in the same order as one. */
export function dotRows(p: usize, stride: usize, rows: i32, x: usize, n: i32, y: usize): void {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    dotFour(p, stride, x, n, y);
    p += stride << 2;
    y += 32;
  }
  for (; i < rows; i++) {
    store<f64>(y, dotOne(p, x, n));
    p += stride;
    y += 8;
  }
}

// @ts-ignore: decorator
@inline
function total(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

function dotOne(p: usize, x: usize, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  const whole = x + (<usize>(n & ~3) << 3);
  while (x < whole) {
    a = f64x2.add(a, f64x2.mul(v128.load(p), v128.load(x)));
    b = f64x2.add(b, f64x2.mul(v128.load(p, 16), v128.load(x, 16)));
    p += 32;
    x += 32;
  }
  let sum = total(f64x2.add(a, b));
  for (let k = n & ~3; k < n; k++) {
    sum += load<f64>(p) * load<f64>(x);
    p += 8;
    x += 8;
  }
  return sum;
}

function dotFour(p: usize, stride: usize, x: usize, n: i32, y: usize): void {
  let q = p + stride;
  let r = q + stride;
  let s = r + stride;
  let pa = f64x2.splat(0);
  let pb = f64x2.splat(0);
  let qa = f64x2.splat(0);
  let qb = f64x2.splat(0);
  let ra = f64x2.splat(0);
  let rb = f64x2.splat(0);
  let sa = f64x2.splat(0);
  let sb = f64x2.splat(0);
  const whole = x + (<usize>(n & ~3) << 3);
  while (x < whole) {
    const u = v128.load(x);
    const v = v128.load(x, 16);
    pa = f64x2.add(pa, f64x2.mul(v128.load(p), u));
    pb = f64x2.add(pb, f64x2.mul(v128.load(p, 16), v));
    qa = f64x2.add(qa, f64x2.mul(v128.load(q), u));
    qb = f64x2.add(qb, f64x2.mul(v128.load(q, 16), v));
    ra = f64x2.add(ra, f64x2.mul(v128.load(r), u));
    rb = f64x2.add(rb, f64x2.mul(v128.load(r, 16), v));
    sa = f64x2.add(sa, f64x2.mul(v128.load(s), u));
    sb = f64x2.add(sb, f64x2.mul(v128.load(s, 16), v));
    p += 32;
    q += 32;
    r += 32;
    s += 32;
    x += 32;
  }
  let first = total(f64x2.add(pa, pb));
  let second = total(f64x2.add(qa, qb));
  let third = total(f64x2.add(ra, rb));
  let fourth = total(f64x2.add(sa, sb));
  for (let k = n & ~3; k < n; k++) {
    const u = load<f64>(x);
    first += load<f64>(p) * u;
    second += load<f64>(q) * u;
    third += load<f64>(r) * u;
    fourth += load<f64>(s) * u;
    p += 8;
    q += 8;
    r += 8;
    s += 8;
    x += 8;
  }
  store<f64>(y, first);
  store<f64>(y, second, 8);
  store<f64>(y, third, 16);
  store<f64>(y, fourth, 24);
}
