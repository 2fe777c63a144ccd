import { type Dense, dense, mustBeFinite, mustBeSquare, transposed } from "./dense.ts";
import { NotConverged } from "./errors.ts";
import { reflect, reflector } from "./reflector.ts";
import { matrixBytes, mustFit, noPace, type Run } from "./run.ts";

export interface Eigen {
  /** Ascending, as NumPy's `eigh` gives them. */
  values: Float64Array<ArrayBuffer>;
  /** Column i belongs to value i; a = vectors diag(values) vectors^T. */
  vectors: Dense;
}

/** Rounds of the QL iteration for one eigenvalue: LAPACK's limit. */
const MOST_ROUNDS = 30;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix; its upper triangle is read. Householder's tridiagonal form and the
 * implicit QL iteration (Golub and Van Loan, Matrix Computations, 8.3; EISPACK's tred2 and tql2). The largest component
 * of every vector is positive. Throws ShapeError, NotFinite, MemoryBudgetError, NotConverged.
 */
export async function eigh(a: Dense, run: Run = {}): Promise<Eigen> {
  mustBeSquare(a, "Eigenvalues");
  mustFit(`Eigenvectors of a matrix of ${a.rows} x ${a.rows}`, matrixBytes(a.rows, a.rows, 2), run);
  mustBeFinite(a, "The symmetric matrix");
  const { diagonal, off, basis } = await tridiagonal(a, run);
  await implicitQl(diagonal, off, basis, run);
  const n = a.rows;
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[i] - diagonal[j] || i - j);
  const rows = dense(n, n);
  order.forEach((from, to) => {
    const vector = basis.values.subarray(from * n, (from + 1) * n);
    let largest = 0;
    for (const x of vector) if (Math.abs(x) > Math.abs(largest)) largest = x;
    for (let i = 0; i < n; i++) rows.values[to * n + i] = largest < 0 ? -vector[i] : vector[i];
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]), vectors: transposed(rows) };
}

interface Tridiagonal {
  diagonal: Float64Array<ArrayBuffer>;
  /** off[i] stands between i and i + 1. */
  off: Float64Array<ArrayBuffer>;
  /** Rows are orthonormal: basis a basis^T is tridiagonal. */
  basis: Dense;
}

async function tridiagonal(a: Dense, { pace = noPace }: Run): Promise<Tridiagonal> {
  const n = a.rows;
  const whole = a.values.slice();
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) whole[j * n + i] = whole[i * n + j];
  const row = (i: number) => whole.subarray(i * n, (i + 1) * n);
  const taus = new Float64Array(n);
  const off = new Float64Array(n);
  const diagonal = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    await pace(k, 2 * n);
    const v = row(k);
    diagonal[k] = v[k];
    if (k + 1 === n) break;
    // Row k beyond the diagonal is its column: the reflector that leaves one entry of it.
    const tau = reflector(v, k + 1);
    taus[k] = tau;
    off[k] = v[k + 1];
    if (tau === 0) continue;
    v[k + 1] = 1;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      const r = row(i);
      for (let j = k + 1; j < n; j++) sum += r[j] * v[j];
      w[i] = tau * sum;
    }
    let share = 0;
    for (let i = k + 1; i < n; i++) share += w[i] * v[i];
    share *= tau / 2;
    for (let i = k + 1; i < n; i++) w[i] -= share * v[i];
    for (let i = k + 1; i < n; i++) {
      const r = row(i);
      for (let j = k + 1; j < n; j++) r[j] -= v[i] * w[j] + w[i] * v[j];
    }
  }
  // Q = H_0 H_1 ...; its rows as they are needed are those of the transpose.
  const q = dense(n, n);
  for (let i = 0; i < n; i++) q.values[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--) {
    await pace(2 * n - k, 2 * n);
    for (let j = k + 1; j < n; j++) reflect(q.values.subarray(j * n, (j + 1) * n), row(k), taus[k], k + 1);
  }
  return { diagonal, off, basis: q };
}

/** Diagonalizes in place; the rows of `basis` turn along. */
async function implicitQl(d: Float64Array, e: Float64Array, basis: Dense, { pace = noPace }: Run): Promise<void> {
  const n = d.length;
  for (let l = 0; l < n; l++) {
    await pace(l, n);
    for (let round = 0; ; round++) {
      let m = l;
      while (m < n - 1) {
        const scale = Math.abs(d[m]) + Math.abs(d[m + 1]);
        if (Math.abs(e[m]) <= Number.EPSILON * scale) break;
        m++;
      }
      if (m === l) break;
      if (round === MOST_ROUNDS) throw new NotConverged(`Eigenvalue ${l} did not come out in ${MOST_ROUNDS} rounds.`);
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      let r = norm(g, 1);
      g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        r = norm(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        turn(basis, i, c, s);
      }
      if (i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}

/** sqrt(a^2 + b^2) without overflow; the same bits everywhere, which Math.hypot does not promise. */
function norm(a: number, b: number): number {
  const large = Math.max(Math.abs(a), Math.abs(b));
  if (large === 0) return 0;
  const ratio = Math.min(Math.abs(a), Math.abs(b)) / large;
  return large * Math.sqrt(1 + ratio * ratio);
}

/** Rows i and i + 1 by an angle. */
function turn({ cols, values }: Dense, i: number, c: number, s: number): void {
  for (let k = i * cols; k < (i + 1) * cols; k++) {
    const x = values[k];
    const y = values[k + cols];
    values[k + cols] = s * x + c * y;
    values[k] = c * x - s * y;
  }
}
