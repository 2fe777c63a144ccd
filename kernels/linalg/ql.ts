/** The implicit QL iteration on a symmetric tridiagonal matrix (EISPACK's tql2; Golub and Van Loan, Matrix Computations, 8.3). */
import { NotConverged } from "./errors.ts";

/** Rounds for one eigenvalue: LAPACK's limit. */
const MOST_ROUNDS = 30;

/**
 * Turns `diagonal` (d) and `off` (e) into eigenvalues, in place and in no order. Gives the rotations as they come, some for
 * each round: of rows i and i + 1 by c and s, as (i, c, s) one after the other; `at` is how many eigenvalues stand.
 */
export function* implicitQl(d: Float64Array, e: Float64Array): Generator<{ at: number; rotations: Float64Array }> {
  const n = d.length;
  // What the tridiagonal form lost by rounding. Smaller ones beside equal eigenvalues would not always go away.
  const negligible = Number.EPSILON * d.reduce((most, x, i) => Math.max(most, Math.abs(x) + Math.abs(e[i])), 0);
  for (let l = 0; l < n; l++) {
    for (let round = 0; ; round++) {
      const m = end(e, l, negligible);
      if (m === l) break;
      if (round === MOST_ROUNDS) throw new NotConverged(`Eigenvalue ${l} did not come out in ${MOST_ROUNDS} rounds.`);
      yield { at: l, rotations: sweep(d, e, l, m) };
    }
  }
}

/** The last row of the part that begins at l and is not yet apart from what follows. */
function end(e: Float64Array, l: number, negligible: number): number {
  let m = l;
  while (m < e.length - 1 && Math.abs(e[m]) > negligible) m++;
  return m;
}

function sweep(d: Float64Array, e: Float64Array, l: number, m: number): Float64Array {
  const rotations = new Float64Array(3 * (m - l));
  let g = (d[l + 1] - d[l]) / (2 * e[l]);
  let r = norm(g, 1);
  g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    r = norm(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= p;
      e[m] = 0;
      return rotations.subarray(0, 3 * (m - 1 - i));
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    r = (d[i] - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
    rotations.set([i, c, s], 3 * (m - 1 - i));
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
  return rotations;
}

/** sqrt(a^2 + b^2) without overflow; the same bits everywhere, which Math.hypot does not promise. */
function norm(a: number, b: number): number {
  const large = Math.max(Math.abs(a), Math.abs(b));
  if (large === 0) return 0;
  const ratio = Math.min(Math.abs(a), Math.abs(b)) / large;
  return large * Math.sqrt(1 + ratio * ratio);
}
