/** Tucker decompositions of tensors with three sides, in float64. */
import { type Dense, dense, eigh, multiply, qr, type Run, transposed, truncatedSvd } from "../../linalg/index.ts";

export type Sides = [number, number, number];

/** Row-major: the last side runs fastest. */
export interface Tensor {
  sides: Sides;
  values: Float64Array<ArrayBuffer>;
}

export const tensor = (sides: Sides, values: Float64Array<ArrayBuffer>): Tensor => ({ sides, values });

/** The tensor as a matrix whose rows are one of its sides; the others run in their order. */
export function unfolded({ sides: [a, b, c], values }: Tensor, side: number): Dense {
  if (side === 0) return dense(a, b * c, values);
  if (side === 2) return transposed(dense(a * b, c, values));
  const out = dense(b, a * c);
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++) out.values[j * a * c + i * c + k] = values[(i * b + j) * c + k];
  return out;
}

/** The tensor of which a matrix is the unfolding along a side. */
function folded({ rows, cols, values }: Dense, sides: Sides, side: number): Tensor {
  const [a, b, c] = sides;
  if (side === 0) return tensor(sides, values);
  if (side === 2) return tensor(sides, transposed(dense(rows, cols, values)).values);
  const out = new Float64Array(a * b * c);
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) out[(i * b + j) * c + k] = values[j * a * c + i * c + k];
  return tensor(sides, out);
}

/** The tensor with a side multiplied by a matrix: by its transpose (side x rank to rank), or by itself (rank to side). */
async function times(of: Tensor, side: number, matrix: Dense, transposeA: boolean, run: Run): Promise<Tensor> {
  const product = await multiply(matrix, unfolded(of, side), { transposeA }, run);
  return folded(product, of.sides.with(side, product.rows) as Sides, side);
}

const energy = ({ values }: { values: Float64Array }): number => values.reduce((sum, x) => sum + x * x, 0);

/** For each side the least rank whose missing energy is a third of what all may miss. */
export async function ranksByEnergy(of: Tensor, share: number, run: Run): Promise<Sides> {
  const missing = ((1 - share) / 3) * energy(of);
  const ranks: number[] = [];
  for (let side = 0; side < 3; side++) {
    const rows = unfolded(of, side);
    const { values } = await eigh(await multiply(rows, rows, { transposeB: true }, run), run);
    // Ascending.
    let [tail, dropped] = [0, 0];
    while (dropped < values.length - 1 && tail + Math.max(0, values[dropped]) <= missing)
      tail += Math.max(0, values[dropped++]);
    ranks.push(values.length - dropped);
  }
  return ranks as Sides;
}

/** Sides up to which eigenvectors of the smaller Gram matrix are sooner at hand than singular vectors. */
const SHORT = 512;

/** The left singular vectors of the largest singular values, rows x rank. */
async function leading(of: Dense, rank: number, run: Run): Promise<Dense> {
  const { rows, cols } = of;
  if (Math.min(rows, cols) > SHORT) return (await truncatedSvd(of, rank, run)).left;
  const short = rows <= cols;
  const moments = await multiply(of, of, short ? { transposeB: true } : { transposeA: true }, run);
  const { vectors } = await eigh(moments, run);
  // Ascending as they come.
  const n = moments.rows;
  const picked = dense(n, rank);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < rank; k++) picked.values[i * rank + k] = vectors.values[i * n + (n - 1 - k)];
  return short ? picked : (await qr(await multiply(of, picked, {}, run), run)).q;
}

/** A round that raises the core's energy by less than this share of it is the last. */
const SETTLED = 1e-10;

/**
 * The core and the orthonormal factors (side x rank) of these ranks: the singular vectors of each unfolding (HOSVD), then alternating
 * least squares (HOOI: De Lathauwer, De Moor and Vandewalle, SIAM J. Matrix Anal. Appl. 21, 2000), each side by the others' factors.
 */
export async function decomposed(
  of: Tensor,
  ranks: Sides,
  iters: number,
  run: Run,
): Promise<{ core: Tensor; factors: Dense[] }> {
  const factors: Dense[] = [];
  for (let side = 0; side < 3; side++) factors.push(await leading(unfolded(of, side), ranks[side], run));
  const coreOf = async () => {
    let core = of;
    for (let side = 0; side < 3; side++) core = await times(core, side, factors[side], true, run);
    return core;
  };
  let core = await coreOf();
  for (let round = 0; round < iters; round++) {
    const before = energy(core);
    for (let side = 0; side < 3; side++) {
      let seen = of;
      for (let other = 0; other < 3; other++)
        if (other !== side) seen = await times(seen, other, factors[other], true, run);
      factors[side] = await leading(unfolded(seen, side), ranks[side], run);
    }
    core = await coreOf();
    if (energy(core) - before <= SETTLED * before) break;
  }
  return { core, factors };
}

/** The tensor that core and factors stand for. */
export async function whole(core: Tensor, factors: readonly Dense[], run: Run): Promise<Tensor> {
  let out = core;
  for (let side = 2; side >= 0; side--) out = await times(out, side, factors[side], false, run);
  return out;
}
