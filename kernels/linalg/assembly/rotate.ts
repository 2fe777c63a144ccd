// Rotations of rows.
import { dot } from "./vectors";

/** Rows i and i + 1 at p, of `width` columns (even), by each of `count` rotations (i, c, s): x, y become c x - s y, s x + c y. */
export function rotateRows(p: usize, stride: usize, width: i32, rotations: usize, count: i32): void {
  const bytes = <usize>width << 3;
  for (let r = 0; r < count; r++) {
    const x = p + <usize>load<f64>(rotations) * stride;
    rotatePair(x, x + stride, bytes, load<f64>(rotations, 8), load<f64>(rotations, 16));
    rotations += 24;
  }
}

// @ts-ignore: decorator
@inline
function rotatePair(x: usize, y: usize, bytes: usize, cosine: f64, sine: f64): void {
  const c = f64x2.splat(cosine);
  const s = f64x2.splat(sine);
  const end = x + bytes;
  while (x < end) {
    const u = v128.load(x);
    const v = v128.load(y);
    v128.store(x, f64x2.sub(f64x2.mul(c, u), f64x2.mul(s, v)));
    v128.store(y, f64x2.add(f64x2.mul(s, u), f64x2.mul(c, v)));
    x += 16;
    y += 16;
  }
}

/**
 * One-sided Jacobi on the rows at b (`width` columns, even): turns row p against each row q after it where they are not yet
 * orthogonal, and the same rows of `turns` (`order` columns, even) along. Returns how many turned.
 */
export function jacobiRow(
  b: usize, stride: usize, rows: i32, width: i32, turns: usize, turnsStride: usize, order: i32, p: i32,
): i32 {
  let turned = 0;
  const x = b + <usize>p * stride;
  for (let q = p + 1; q < rows; q++) {
    const y = b + <usize>q * stride;
    const pq = dot(x, y, width);
    const pp = dot(x, x, width);
    const qq = dot(y, y, width);
    if (Math.abs(pq) <= 1e-15 * (Math.sqrt(pp) * Math.sqrt(qq))) continue;
    turned++;
    const zeta = (qq - pp) / (2 * pq);
    const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
    const c = 1 / Math.sqrt(1 + t * t);
    rotatePair(x, y, <usize>width << 3, c, c * t);
    const u = turns + <usize>p * turnsStride;
    rotatePair(u, turns + <usize>q * turnsStride, <usize>order << 3, c, c * t);
  }
  return turned;
}
