/**
 * Householder's reflections of a panel's rows, which are columns of the matrix that is factored. Together they are
 * I - V^T T V with the reflectors as the rows of V and an upper triangle T (Schreiber and Van Loan, SIAM J. Sci. Stat. Comput.
 * 10, 1989); halves are joined as Elmroth and Gustavson do (IBM J. Res. Dev. 44, 2000).
 */
import { halfOf, LEAF } from "./triangles.ts";
import { type Area, type Block, from, type Packed, type Workspace } from "./workspace.ts";

/** Reflectors of n rows over `cols` columns, in place (see `Reflect` in commands.ts). Returns T. */
export function reflect(work: Workspace, rows: Block, n: number, cols: number): Area {
  if (n <= LEAF) return reflectLeaf(work, rows, n, cols);
  const half = halfOf(n);
  const rest = n - half;
  const first = reflect(work, rows, half, cols);
  const v = whole(work, rows, half, cols);
  reflected(work, from(rows, half, 0), rest, v, work.across(v, half, cols), first);
  const width = Math.max(0, cols - half);
  const below = from(rows, half, half);
  const last = reflect(work, below, rest, width);
  const t = work.area(n, n);
  copy(work, first, t);
  copy(work, last, from(t, half, half));
  // T12 = -T1 (V1 V2^T) T2.
  const corner = from(t, 0, half);
  if (width === 0) return t;
  const shares = outer(work, from(v, 0, half), half, whole(work, below, rest, width), rest, width);
  const left = times(work, first, shares);
  work.multiply(work.along(left, rest, half), work.across(last, rest, rest), [half, rest, rest], corner, true);
  return t;
}

function reflectLeaf(work: Workspace, rows: Block, n: number, cols: number): Area {
  const at = work.take(8 * n);
  work.kernels.reflectRows(rows.at, rows.stride, n, cols, at);
  const v = whole(work, rows, n, cols);
  const shares = work.read(outer(work, v, n, v, n, cols));
  const taus = work.memory.floats(at, n);
  const t = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    t[i * n + i] = taus[i];
    for (let r = 0; r < i; r++) {
      let sum = 0;
      for (let k = r; k < i; k++) sum += t[r * n + k] * shares[k * n + i];
      t[r * n + i] = -taus[i] * sum;
    }
  }
  return work.area(n, n, t);
}

/** `rows` rows of c become c - (c V^T) T V; `strips` are V's across its rows. */
export function reflected(work: Workspace, c: Block, rows: number, v: Area, strips: Packed, t: Area): void {
  if (v.cols === 0) return;
  const shares = times(work, outer(work, c, rows, v, v.rows, v.cols), t);
  work.multiply(work.along(shares, v.rows, rows), strips, [rows, v.cols, v.rows], c, true);
}

/** Reflectors with their ones, and zeros before them. */
function whole(work: Workspace, { at, stride }: Block, n: number, cols: number): Area {
  const area = work.area(n, cols);
  for (let i = 0; i < Math.min(n, cols); i++) {
    const row = work.memory.floats(area.at + i * area.stride, cols);
    row[i] = 1;
    row.set(work.memory.floats(at + i * stride + (i + 1) * 8, cols - i - 1), i + 1);
  }
  return area;
}

/** a b^T of m and n rows over k columns. */
function outer(work: Workspace, a: Block, m: number, b: Block, n: number, k: number): Area {
  const into = work.area(m, n);
  work.multiply(work.along(a, k, m), work.along(b, k, n), [m, n, k], into, false);
  return into;
}

/** a b. */
function times(work: Workspace, a: Area, b: Area): Area {
  const into = work.area(a.rows, b.cols);
  work.multiply(work.along(a, a.cols, a.rows), work.across(b, b.rows, b.cols), [a.rows, b.cols, a.cols], into, false);
  return into;
}

function copy(work: Workspace, { at, stride, rows, cols }: Area, into: Block): void {
  for (let r = 0; r < rows; r++) {
    work.memory.floats(into.at + r * into.stride, cols).set(work.memory.floats(at + r * stride, cols));
  }
}
