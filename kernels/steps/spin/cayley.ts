/** Descent on rotations: steps along the manifold of orthogonal matrices (Li, Fuxin and Todorovic, arXiv 2002.01113). */
import { type Dense, dense, multiply, type Run } from "../../linalg/index.ts";

/** Times that Y = R - t/2 W (R + Y) is put into itself. */
const ROUNDS = 8;
/** t/2 |W| stays below this, so that it comes to rest. */
const MOST = 0.8;
/** Newton's steps to the nearest orthogonal matrix, each of which squares the distance. */
const NEWTON = 3;

const norm = ({ values }: Dense): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

/** G R^T - R G^T: what of a gradient at R lies along the rotations, skew. */
export async function skewOf(gradient: Dense, rotation: Dense, run: Run): Promise<Dense> {
  const { values: a, rows: n } = await multiply(gradient, rotation, { transposeB: true }, run);
  const out = dense(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out.values[i * n + j] = a[i * n + j] - a[j * n + i];
  return out;
}

/** The nearest orthogonal matrix to one that is nearly so. */
export async function orthogonal(matrix: Dense, run: Run): Promise<Dense> {
  let out = matrix;
  const { rows: n } = matrix;
  for (let k = 0; k < NEWTON; k++) {
    const half = await multiply(out, out, { transposeA: true }, run);
    for (let i = 0; i < half.values.length; i++) half.values[i] *= -0.5;
    for (let i = 0; i < n; i++) half.values[i * n + i] += 1.5;
    out = await multiply(out, half, {}, run);
  }
  return out;
}

/** (I + t/2 W)^-1 (I - t/2 W) R, where t |W| = angle sqrt(n) as far as that comes to rest. The rotation itself where W is zero. */
export async function cayley(rotation: Dense, skew: Dense, angle: number, run: Run): Promise<Dense> {
  const size = norm(skew);
  if (!(size > 0) || size - size !== 0) return rotation;
  const half = Math.min((angle * Math.sqrt(rotation.rows)) / 2, MOST) / size;
  let next = rotation;
  for (let k = 0; k < ROUNDS; k++) {
    const sum = dense(
      rotation.rows,
      rotation.cols,
      rotation.values.map((x, i) => x + next.values[i]),
    );
    const moved = await multiply(skew, sum, {}, run);
    next = dense(
      rotation.rows,
      rotation.cols,
      rotation.values.map((x, i) => x - half * moved.values[i]),
    );
  }
  return orthogonal(next, run);
}
