/** Triangles of a panel: each is cut in halves, and what the first takes from the second is a product. */
import type { Pivot } from "./commands.ts";
import { type Area, from, type Workspace } from "./workspace.ts";

/** Rows of a triangle that is not cut any further. */
export const LEAF = 16;

/** About half of n, in whole leaves. */
export const halfOf = (n: number): number => LEAF * Math.ceil(n / (2 * LEAF));

/** The upper Cholesky factor's rows [r, r + n) in place, over all columns of the panel. Answers with a pivot that is not positive. */
export function factor(work: Workspace, panel: Area, r = 0, n = panel.rows): Pivot | null {
  const { stride, cols } = panel;
  const head = from(panel, r, r);
  if (n <= LEAF) {
    const row = work.kernels.factorRows(head.at, stride, n, cols - r);
    return row < 0 ? null : { row: r + row, value: work.memory.floats(head.at + row * (stride + 8), 1)[0] };
  }
  const half = halfOf(n);
  const failed = factor(work, panel, r, half);
  if (failed) return failed;
  const width = cols - r - half;
  const rest = work.across(from(panel, r, r + half), half, width);
  work.multiply(rest, rest, [n - half, width, half], from(panel, r + half, r + half), true);
  return factor(work, panel, r + half, n - half);
}

/** Rows [r, r + n) of x with u^T x = b, in the place of b. */
export function forward(work: Workspace, x: Area, u: Area, r = 0, n = u.rows): void {
  const rows = from(x, r, 0);
  const head = from(u, r, r);
  if (n <= LEAF) {
    work.kernels.forwardRows(rows.at, rows.stride, head.at, head.stride, n, x.cols);
    return;
  }
  const half = halfOf(n);
  forward(work, x, u, r, half);
  const a = work.across(from(u, r, r + half), half, n - half);
  const b = work.across(rows, half, x.cols);
  work.multiply(a, b, [n - half, x.cols, half], from(x, r + half, 0), true);
  forward(work, x, u, r + half, n - half);
}

/** Rows [r, r + n) of x with u x = b, in the place of b, the last half first. */
export function backward(work: Workspace, x: Area, u: Area, r = 0, n = u.rows): void {
  const rows = from(x, r, 0);
  const head = from(u, r, r);
  if (n <= LEAF) {
    work.kernels.backwardRows(rows.at, rows.stride, head.at, head.stride, n, x.cols);
    return;
  }
  const half = halfOf(n);
  backward(work, x, u, r + half, n - half);
  const a = work.along(from(u, r, r + half), n - half, half);
  const b = work.across(from(x, r + half, 0), n - half, x.cols);
  work.multiply(a, b, [half, x.cols, n - half], rows, true);
  backward(work, x, u, r, half);
}

/** Columns [col + r, col + r + n) of X with X u = t, in the place of t. */
export function solveRight(work: Workspace, t: Area, col: number, u: Area, r = 0, n = u.rows): void {
  const head = from(u, r, r);
  const block = from(t, 0, col + r);
  if (n <= LEAF) {
    work.kernels.solveRight(block.at, block.stride, t.rows, head.at, head.stride, n);
    return;
  }
  const half = halfOf(n);
  solveRight(work, t, col, u, r, half);
  const a = work.along(block, half, t.rows);
  const b = work.across(from(u, r, r + half), half, n - half);
  work.multiply(a, b, [t.rows, n - half, half], from(t, 0, col + r + half), true);
  solveRight(work, t, col, u, r + half, n - half);
}
