/**
 * Linear algebra in float64 for what decides codes: in a fixed order and without fused products, so that the same input
 * gives the same bits on every machine. Matrices are `Dense`, row-major; inputs are left as they are.
 *
 * | what | function |
 * | --- | --- |
 * | op(A) op(B) | `multiply` |
 * | X^T X over float32 token rows that come in pieces, or at hand | `startGram`, `gram` |
 * | X^T X' of two sets of token rows | `startCross` |
 * | A = U^T U; A = R R^T; A^-1 = U^T U (GPTQ); A^-1 | `cholesky`, `reverseCholesky`, `inverseFactor`, `inverse` |
 * | U X = B, U^T X = B; U^T U X = B; U^-1 | `solveUpper`, `solveCholesky`, `invertUpper` |
 * | A = Q R | `qr` |
 * | A = V diag(w) V^T | `eigh` |
 * | values_j -= e_i F[i][j], column by column (GPTQ) | `feedBack`, `WithinBlock` |
 * | A = left diag(s) right, whole or the largest | `svd`, `truncatedSvd` |
 *
 * `costs` says by the same names what each takes of memory and operations, before it begins.
 *
 * Every function takes a `Run` at the end: `pace`, called every few hundredths of a second with how far it is (it may
 * reject, which cancels), `budget`, the bytes it may take, and `pool`, threads over which panels are spread; without one,
 * what `providePool` provided serves large computations. The bits are the same on any number of threads. Failures are `LinalgError`s: `ShapeError`, `NotFinite`,
 * `NotPositiveDefinite` (which says the pivot), `Singular`, `NotConverged`, `MemoryBudgetError`. A matrix without rows or
 * columns has a result without rows or columns.
 */
export { cholesky, inverse, inverseFactor, reverseCholesky } from "./cholesky.ts";
export { type Cost, costs } from "./costs.ts";
export { type CrossSum, startCross } from "./cross.ts";
export { type Dense, dense, identity, mirrorUpper, reversed, transposed } from "./dense.ts";
export { type Eigen, eigh } from "./eigen.ts";
export {
  LinalgError,
  MemoryBudgetError,
  NotConverged,
  NotFinite,
  NotPositiveDefinite,
  ShapeError,
  Singular,
} from "./errors.ts";
export { BLOCK_COLUMNS, type FeedbackLoop, feedBack, STRETCH_COLUMNS, WithinBlock } from "./feedback.ts";
export { type GramSum, gram, startGram } from "./gram.ts";
export type { Range } from "./panels.ts";
export { type Host, type Pool, providePool } from "./pool.ts";
export { multiply, type ProductForm } from "./product.ts";
export { type Qr, qr } from "./qr.ts";
export { matrixBytes, type Pace, type Run } from "./run.ts";
export { type Svd, svd } from "./svd.ts";
export { invertUpper, solveCholesky, solveUpper } from "./triangular.ts";
export { type TruncatedSvd, truncatedSvd } from "./truncated-svd.ts";
