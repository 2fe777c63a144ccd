/** What computations take, before they begin: for messages, estimates and budgets. */
import { matrixBytes } from "./run.ts";

export interface Cost {
  /** Memory on all threads together, input aside and result included. */
  bytes: number;
  /** Multiplications and additions; a thread does some 15 to 25 thousand million a second. */
  operations: number;
}

const cost = (bytes: number, operations: number): Cost => ({ bytes, operations });
/** A triangle beside the whole. */
const TRIANGULAR = 1.5;

/** By the names of the functions. */
export const costs = {
  multiply: (rows: number, inner: number, cols: number) => cost(matrixBytes(rows, cols, 2), 2 * rows * inner * cols),
  gram: (cols: number, tokens: number) => cost(matrixBytes(cols, cols, TRIANGULAR), tokens * cols ** 2),
  cross: (cols: number, tokens: number) => cost(matrixBytes(cols, cols, 2), 2 * tokens * cols ** 2),
  cholesky: (n: number) => cost(matrixBytes(n, n, TRIANGULAR), n ** 3 / 3),
  reverseCholesky: (n: number) => cost(matrixBytes(n, n, TRIANGULAR), n ** 3 / 3),
  inverseFactor: (n: number) => cost(matrixBytes(n, n, TRIANGULAR), (2 * n ** 3) / 3),
  inverse: (n: number) => cost(matrixBytes(n, n, TRIANGULAR), n ** 3),
  invertUpper: (n: number) => cost(matrixBytes(n, n, TRIANGULAR), n ** 3 / 3),
  solveUpper: (n: number, cols: number) => cost(matrixBytes(n, cols, 2), n ** 2 * cols),
  qr(rows: number, cols: number): Cost {
    const k = Math.min(rows, cols);
    return cost(matrixBytes(rows, cols, 2) + matrixBytes(rows, k, 3), 4 * rows * cols * k);
  },
  /** Matrix, basis, vectors and what turns them. */
  eigh: (n: number) => cost(matrixBytes(n, n, 4), 9 * n ** 3),
  svd(rows: number, cols: number): Cost {
    const [long, n] = [Math.max(rows, cols), Math.min(rows, cols)];
    return cost(matrixBytes(long, n, 4) + matrixBytes(n, n, 6), 4 * long * n ** 2 + 60 * n ** 3);
  },
  /** `width` are the singular values and the extra directions. */
  truncatedSvd: (rows: number, cols: number, width: number, rounds: number) =>
    cost(matrixBytes(rows, cols, 2) + matrixBytes(rows + cols, width, 4), 4 * rows * cols * width * rounds),
};
