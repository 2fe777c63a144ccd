/**
 * Truncated singular value decomposition in float64, in a fixed order and without fused products, so that every machine finds the same
 * bits: subspace iteration with Gram-Schmidt (Golub and Van Loan, Matrix Computations, 8.2) from a start drawn by a fixed seed, and
 * one-sided Jacobi (Hestenes; de Rijk's order is not used) on what is left.
 */
import { threefry2x32 } from "../random/threefry.ts";
import { type Dense, dense, transposed } from "./dense.ts";

/** Multiplications between two looks at whoever may cancel. */
const PACED = 2 ** 24;

/** a b. Products are added in the order of the inner index. `pace` is called every few hundredths of a second, and may reject. */
export async function multiply(a: Dense, b: Dense, pace: () => Promise<void>): Promise<Dense> {
  const out = dense(a.rows, b.cols);
  const n = b.cols;
  const rows = Math.max(1, Math.floor(PACED / Math.max(1, a.cols * n)));
  for (let i = 0; i < a.rows; i++) {
    if (i % rows === 0) await pace();
    const row = out.values.subarray(i * n, (i + 1) * n);
    for (let k = 0; k < a.cols; k++) {
      const x = a.values[i * a.cols + k];
      if (x === 0) continue;
      const from = k * n;
      for (let j = 0; j < n; j++) row[j] += x * b.values[from + j];
    }
  }
  return out;
}

/** Makes the rows orthonormal, twice over, in place: rows that depend on those before them become zero. */
function orthonormalizeRows({ rows, cols, values }: Dense): void {
  const row = (i: number) => values.subarray(i * cols, (i + 1) * cols);
  const dot = (a: Float64Array, b: Float64Array) => {
    let sum = 0;
    for (let k = 0; k < cols; k++) sum += a[k] * b[k];
    return sum;
  };
  for (let i = 0; i < rows; i++) {
    const v = row(i);
    const before = Math.sqrt(dot(v, v));
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const u = row(j);
        const share = dot(v, u);
        if (share !== 0) for (let k = 0; k < cols; k++) v[k] -= share * u[k];
      }
    }
    const norm = Math.sqrt(dot(v, v));
    if (!(norm > before * 1e-14)) v.fill(0);
    else for (let k = 0; k < cols; k++) v[k] /= norm;
  }
}

/** One-sided Jacobi on the rows of b: afterwards they are orthogonal, and `turns` (rows x rows) times the old b gives the new one. */
function jacobiRows(b: Dense): Dense {
  const { rows, cols, values } = b;
  const turns = dense(rows, rows);
  for (let i = 0; i < rows; i++) turns.values[i * rows + i] = 1;
  const rotate = (m: Float64Array, width: number, p: number, q: number, c: number, s: number) => {
    for (let k = 0; k < width; k++) {
      const x = m[p * width + k];
      const y = m[q * width + k];
      m[p * width + k] = c * x - s * y;
      m[q * width + k] = s * x + c * y;
    }
  };
  for (let sweep = 0; sweep < 40; sweep++) {
    let turned = false;
    for (let p = 0; p < rows - 1; p++) {
      for (let q = p + 1; q < rows; q++) {
        let [pp, qq, pq] = [0, 0, 0];
        for (let k = 0; k < cols; k++) {
          const x = values[p * cols + k];
          const y = values[q * cols + k];
          pp += x * x;
          qq += y * y;
          pq += x * y;
        }
        if (Math.abs(pq) <= 1e-15 * Math.sqrt(pp * qq)) continue;
        turned = true;
        const zeta = (qq - pp) / (2 * pq);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        rotate(values, cols, p, q, c, c * t);
        rotate(turns.values, rows, p, q, c, c * t);
      }
    }
    if (!turned) break;
  }
  return turns;
}

export interface TruncatedSvd {
  /** Descending. */
  singular: Float64Array;
  /** rows x rank and rank x cols: the matrix is about left diag(singular) right. */
  left: Dense;
  right: Dense;
}

/** Extra directions, which make the wanted ones come out sooner. */
const EXTRA = 8;
const MOST_ROUNDS = 30;
/** Singular values that move less than this share between two rounds have come out. */
const SETTLED = 1e-9;

/**
 * The `rank` largest singular values of a matrix with their vectors; fewer where the matrix is smaller. All values finite.
 * `pace` is called between rounds with how far it is at the latest, and may reject.
 */
export async function truncatedSvd(
  matrix: Dense,
  rank: number,
  pace: (done: number, total: number) => Promise<void>,
): Promise<TruncatedSvd> {
  const { rows, cols } = matrix;
  const wanted = Math.min(rank, rows, cols);
  const width = Math.min(wanted + EXTRA, rows, cols);
  const back = transposed(matrix);
  // Rows of `basis` are the directions among the columns.
  let basis = dense(width, cols);
  const word = new Uint32Array(2);
  for (let i = 0; i < basis.values.length; i++) {
    threefry2x32(0x5eed, 0x57d, i, 0, word);
    basis.values[i] = word[0] / 2 ** 31 - 1;
  }
  orthonormalizeRows(basis);
  let singular = new Float64Array(width);
  let round = 0;
  const look = () => pace(round, MOST_ROUNDS);
  for (; round < MOST_ROUNDS; round++) {
    await look();
    const across = await multiply(basis, back, look);
    orthonormalizeRows(across);
    basis = await multiply(across, matrix, look);
    const norms = rowNorms(basis).sort().reverse();
    orthonormalizeRows(basis);
    const still = norms.every((s, i) => i >= wanted || Math.abs(s - singular[i]) <= SETTLED * norms[0]);
    singular = norms;
    if (still) break;
  }
  // Where the space stands, its own directions: (basis matrix^T) has orthogonal rows after turning, the left vectors.
  const projected = await multiply(basis, back, look);
  const turns = jacobiRows(projected);
  const right = await multiply(turns, basis, look);
  const norms = rowNorms(projected);
  const order = Array.from(norms.keys()).sort((a, b) => norms[b] - norms[a] || a - b);
  const out: TruncatedSvd = {
    singular: Float64Array.from(order.slice(0, wanted), (i) => norms[i]),
    left: dense(rows, wanted),
    right: dense(wanted, cols),
  };
  order.slice(0, wanted).forEach((from, k) => {
    const norm = norms[from];
    for (let r = 0; r < rows; r++)
      out.left.values[r * wanted + k] = norm > 0 ? projected.values[from * rows + r] / norm : 0;
    out.right.values.set(right.values.subarray(from * cols, (from + 1) * cols), k * cols);
  });
  return out;
}

function rowNorms({ rows, cols, values }: Dense): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < cols; k++) sum += values[i * cols + k] ** 2;
    return Math.sqrt(sum);
  });
}
