// Triangles of at most sixteen rows: what is left where everything larger is a product.

/** Columns that go through all rows at once: sixteen rows of them lie in the first cache. */
const CHUNK: usize = 256 * 8;

// @ts-ignore: decorator
@inline
function at(p: usize, stride: usize, row: i32, col: i32): usize {
  return p + <usize>row * stride + (<usize>col << 3);
}

// @ts-ignore: decorator
@inline
function divideRow(row: usize, end: usize, by: f64): void {
  const d = f64x2.splat(by);
  for (; row < end; row += 16) v128.store(row, f64x2.div(v128.load(row), d));
}

/** row -= factor * pivotRow. */
// @ts-ignore: decorator
@inline
function subtractRow(row: usize, end: usize, pivotRow: usize, factor: f64): void {
  const f = f64x2.splat(factor);
  for (; row < end; row += 16) {
    v128.store(row, f64x2.sub(v128.load(row), f64x2.mul(f, v128.load(pivotRow))));
    pivotRow += 16;
  }
}

/**
 * Upper Cholesky factor of the n x n block at p, and the n rows of it over `cols` columns (even where the last is padding), all in place.
 * Returns the row whose pivot is not positive (left in its place), or -1.
 */
export function factorRows(p: usize, stride: usize, n: i32, cols: i32): i32 {
  for (let k = 0; k < n; k++) {
    const pivot = load<f64>(at(p, stride, k, k));
    if (!(pivot > 0)) return k;
    const root = Math.sqrt(pivot);
    store<f64>(at(p, stride, k, k), root);
    for (let j = k + 1; j < n; j++) {
      const place = at(p, stride, k, j);
      store<f64>(place, load<f64>(place) / root);
    }
    for (let i = k + 1; i < n; i++) {
      const factor = load<f64>(at(p, stride, k, i));
      for (let j = i; j < n; j++) {
        const place = at(p, stride, i, j);
        store<f64>(place, load<f64>(place) - factor * load<f64>(at(p, stride, k, j)));
      }
    }
  }
  if (cols > n) forwardRows(p + (<usize>n << 3), stride, p, stride, n, cols - n);
  return -1;
}

/** X with u^T X = B in place of B: n rows of `cols` columns at x; u upper triangular, n x n. */
export function forwardRows(x: usize, stride: usize, u: usize, uStride: usize, n: i32, cols: i32): void {
  const width = <usize>((cols + 1) & ~1) << 3;
  for (let from: usize = 0; from < width; from += CHUNK) {
    const to = min(width, from + CHUNK);
    for (let k = 0; k < n; k++) {
      const row = x + <usize>k * stride;
      divideRow(row + from, row + to, load<f64>(at(u, uStride, k, k)));
      for (let i = k + 1; i < n; i++) {
        const other = x + <usize>i * stride;
        subtractRow(other + from, other + to, row + from, load<f64>(at(u, uStride, k, i)));
      }
    }
  }
}

/** X with u X = B in place of B. */
export function backwardRows(x: usize, stride: usize, u: usize, uStride: usize, n: i32, cols: i32): void {
  const width = <usize>((cols + 1) & ~1) << 3;
  for (let from: usize = 0; from < width; from += CHUNK) {
    const to = min(width, from + CHUNK);
    for (let k = n - 1; k >= 0; k--) {
      const row = x + <usize>k * stride;
      divideRow(row + from, row + to, load<f64>(at(u, uStride, k, k)));
      for (let i = 0; i < k; i++) {
        const other = x + <usize>i * stride;
        subtractRow(other + from, other + to, row + from, load<f64>(at(u, uStride, i, k)));
      }
    }
  }
}

/** X with X u = B in place of B: `rows` rows of n columns at x. */
export function solveRight(x: usize, stride: usize, rows: i32, u: usize, uStride: usize, n: i32): void {
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < n; k++) {
      const place = x + (<usize>k << 3);
      const value = load<f64>(place) / load<f64>(at(u, uStride, k, k));
      store<f64>(place, value);
      for (let j = k + 1; j < n; j++) {
        const other = x + (<usize>j << 3);
        store<f64>(other, load<f64>(other) - value * load<f64>(at(u, uStride, k, j)));
      }
    }
    x += stride;
  }
}
