/** The root of a symmetric matrix without negative eigenvalues. */
import { type Dense, eigh, multiply } from "../linalg/index.ts";

export async function spectralRoot(a: Dense): Promise<Dense> {
  const n = a.rows;
  const values = Float64Array.from(a.values, (v, i) => (v + a.values[(i % n) * n + Math.floor(i / n)]) / 2);
  const { values: eigenvalues, vectors } = await eigh({ rows: n, cols: n, values });
  const scaled = vectors.values.map((v, i) => v * Math.sqrt(Math.max(eigenvalues[i % n], 0)));
  return multiply({ ...vectors, values: scaled }, vectors, { transposeB: true });
}
