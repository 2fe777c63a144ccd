// Householder's reflections of a few rows, each row a column of the matrix that is factored.
import { dot, largest, subtractScaled } from "./vectors";

/**
 * Turns rows i = 0 .. n - 1 at p, of `cols` columns, into reflectors, one after the other, each applied to the rows after it. Row i
 * keeps what lies before column i, gets the triangle's diagonal there, and the reflector after it (its own 1 at column i left out).
 * taus[i] is what I - tau v v^T takes; 0 where there is nothing to reflect.
 */
export function reflectRows(p: usize, stride: usize, n: i32, cols: i32, taus: usize): void {
  for (let i = 0; i < n; i++) {
    const row = p + <usize>i * stride;
    const head = row + (<usize>i << 3);
    const length = cols - i;
    const tau = length > 0 ? reflector(head, length) : 0;
    store<f64>(taus + (<usize>i << 3), tau);
    if (tau == 0) continue;
    for (let j = i + 1; j < n; j++) {
      const other = p + <usize>j * stride + (<usize>i << 3);
      const share = tau * (load<f64>(other) + dot(head + 8, other + 8, length - 1));
      store<f64>(other, load<f64>(other) - share);
      subtractScaled(other + 8, head + 8, share, length - 1);
    }
  }
}

/** x becomes (beta, v), so that I - tau (1, v)(1, v)^T takes the old x to (beta, 0). Scaled, so that no square is lost. */
function reflector(x: usize, n: i32): f64 {
  const rest = largest(x + 8, n - 1);
  if (rest == 0) return 0;
  const alpha = load<f64>(x);
  const scale = max(rest, Math.abs(alpha));
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    const y = load<f64>(x + (<usize>i << 3)) / scale;
    sum += y * y;
  }
  const norm = Math.sqrt(sum) * scale;
  const beta = alpha > 0 ? -norm : norm;
  const by = f64x2.splat(alpha - beta);
  let at = x + 8;
  const end = x + (<usize>n << 3);
  for (; at + 16 <= end; at += 16) v128.store(at, f64x2.div(v128.load(at), by));
  if (at < end) store<f64>(at, load<f64>(at) / (alpha - beta));
  store<f64>(x, beta);
  return (beta - alpha) / beta;
}
