// c += a b and c -= a b over packed operands. A packed operand lies in strips of four rows of `a` (or four columns of `b`): for each k
// of the inner index the four values side by side, so that a tile of 4 x 4 sums reads both operands front to back.

/** Strips across rows: lane i of a strip is column i of the source, the inner index goes down its rows. Zeros fill the last strip. */
export function packAcross(source: usize, stride: usize, k: i32, n: i32, into: usize): void {
  const whole = n & ~3;
  for (let column = 0; column < whole; column += 4) {
    let from = source + (<usize>column << 3);
    for (let i = 0; i < k; i++) {
      v128.store(into, v128.load(from));
      v128.store(into, v128.load(from, 16), 16);
      into += 32;
      from += stride;
    }
  }
  if (whole == n) return;
  let from = source + (<usize>whole << 3);
  for (let i = 0; i < k; i++) {
    for (let lane = 0; lane < 4; lane++) {
      store<f64>(into + (<usize>lane << 3), whole + lane < n ? load<f64>(from + (<usize>lane << 3)) : 0);
    }
    into += 32;
    from += stride;
  }
}

/** Strips along rows: lane i of a strip is row i of the source, the inner index goes along its columns. Zeros fill the last strip. */
export function packAlong(source: usize, stride: usize, k: i32, n: i32, into: usize): void {
  for (let row = 0; row < n; row += 4) {
    const from = source + <usize>row * stride;
    if (row + 4 <= n) {
      let a = from;
      let b = a + stride;
      let c = b + stride;
      let d = c + stride;
      for (let i = 0; i < k; i++) {
        store<f64>(into, load<f64>(a));
        store<f64>(into, load<f64>(b), 8);
        store<f64>(into, load<f64>(c), 16);
        store<f64>(into, load<f64>(d), 24);
        into += 32;
        a += 8;
        b += 8;
        c += 8;
        d += 8;
      }
    } else {
      for (let i = 0; i < k; i++) {
        for (let lane = 0; lane < 4; lane++) {
          const value = row + lane < n ? load<f64>(from + <usize>lane * stride + (<usize>i << 3)) : 0;
          store<f64>(into + (<usize>lane << 3), value);
        }
        into += 32;
      }
    }
  }
}

/**
 * c += a b: m x n sums, filled up to fours (what lies there changes, too). `aStrip` and `bStrip` are the bytes of a whole strip, of which
 * k values are taken. Every sum is loaded, takes its products one after the other, and is stored: the bits of three plain loops.
 */
export function multiplyAdd(
  a: usize, aStrip: usize, b: usize, bStrip: usize, m: i32, n: i32, k: i32, c: usize, stride: usize,
): void {
  for (let j = 0; j < n; j += 4) {
    let strip = a;
    let into = c + (<usize>j << 3);
    for (let i = 0; i < m; i += 4) {
      tile(strip, b, k, into, stride, false);
      strip += aStrip;
      into += stride << 2;
    }
    b += bStrip;
  }
}

/** c -= a b, as `multiplyAdd`. */
export function multiplySubtract(
  a: usize, aStrip: usize, b: usize, bStrip: usize, m: i32, n: i32, k: i32, c: usize, stride: usize,
): void {
  for (let j = 0; j < n; j += 4) {
    let strip = a;
    let into = c + (<usize>j << 3);
    for (let i = 0; i < m; i += 4) {
      tile(strip, b, k, into, stride, true);
      strip += aStrip;
      into += stride << 2;
    }
    b += bStrip;
  }
}

// @ts-ignore: decorator
@inline
function step(sum: v128, x: v128, y: v128, subtract: bool): v128 {
  return subtract ? f64x2.sub(sum, f64x2.mul(x, y)) : f64x2.add(sum, f64x2.mul(x, y));
}

// Sixteen sums in eight of the sixteen registers that x86 has; four accumulators more would leave none for the products.
// @ts-ignore: decorator
@inline
function tile(a: usize, b: usize, k: i32, c0: usize, stride: usize, subtract: bool): void {
  const c1 = c0 + stride;
  const c2 = c1 + stride;
  const c3 = c2 + stride;
  let s00 = v128.load(c0);
  let s01 = v128.load(c0, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  let s20 = v128.load(c2);
  let s21 = v128.load(c2, 16);
  let s30 = v128.load(c3);
  let s31 = v128.load(c3, 16);
  const end = a + (<usize>k << 5);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f64>(a);
    s00 = step(s00, a0, b0, subtract);
    s01 = step(s01, a0, b1, subtract);
    const a1 = v128.load_splat<f64>(a, 8);
    s10 = step(s10, a1, b0, subtract);
    s11 = step(s11, a1, b1, subtract);
    const a2 = v128.load_splat<f64>(a, 16);
    s20 = step(s20, a2, b0, subtract);
    s21 = step(s21, a2, b1, subtract);
    const a3 = v128.load_splat<f64>(a, 24);
    s30 = step(s30, a3, b0, subtract);
    s31 = step(s31, a3, b1, subtract);
    a += 32;
    b += 32;
  }
  v128.store(c0, s00);
  v128.store(c0, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}
