import { type Dense, dense } from "./dense.ts";
import { NotConverged } from "./errors.ts";
import { noPace, type Run } from "./run.ts";

/** Sweeps of Jacobi's rotations; some ten suffice. */
const MOST_SWEEPS = 60;

/** One-sided Jacobi on the rows of b: afterwards they are orthogonal, and what is returned times the old b is the new one. */
export async function jacobiRows(b: Dense, { pace = noPace }: Run = {}): Promise<Dense> {
  const { rows, cols, values } = b;
  const turns = dense(rows, rows);
  for (let i = 0; i < rows; i++) turns.values[i * rows + i] = 1;
  for (let sweep = 0; ; sweep++) {
    if (sweep === MOST_SWEEPS) throw new NotConverged(`Singular values did not come out in ${MOST_SWEEPS} sweeps.`);
    let turned = false;
    for (let p = 0; p < rows - 1; p++) {
      await pace(sweep, MOST_SWEEPS);
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
    if (!turned) return turns;
  }
}

function rotate(m: Float64Array, width: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < width; k++) {
    const x = m[p * width + k];
    const y = m[q * width + k];
    m[p * width + k] = c * x - s * y;
    m[q * width + k] = s * x + c * y;
  }
}

export function rowNorms({ rows, cols, values }: Dense): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < cols; k++) sum += values[i * cols + k] ** 2;
    return Math.sqrt(sum);
  });
}
