import { type Dense, dense, transposed } from "./dense.ts";
import { ShapeError } from "./errors.ts";
import { matrixBytes, mustFit, noPace, type Run } from "./run.ts";

/** Multiplications between two looks at whoever may cancel. */
const PACED = 2 ** 24;

export interface ProductForm {
  transposeA?: boolean;
  transposeB?: boolean;
}

/**
 * op(a) op(b), where op is the matrix or its transpose (GEMM). Every element is the sum of its products in the order of
 * the inner index, each product and each sum rounded: the bits of the plain triple loop.
 */
export async function multiply(a: Dense, b: Dense, form: ProductForm = {}, run: Run = {}): Promise<Dense> {
  const left = form.transposeA ? transposed(a) : a;
  const right = form.transposeB ? transposed(b) : b;
  if (left.cols !== right.rows) {
    throw new ShapeError(
      `A matrix of ${left.rows} x ${left.cols} cannot be multiplied by one of ${right.rows} x ${right.cols}.`,
    );
  }
  mustFit("The product", matrixBytes(left.rows, right.cols), run);
  const { pace = noPace } = run;
  const out = dense(left.rows, right.cols);
  const n = right.cols;
  const rows = Math.max(1, Math.floor(PACED / Math.max(1, left.cols * n)));
  for (let i = 0; i < left.rows; i++) {
    if (i % rows === 0) await pace(i, left.rows);
    const row = out.values.subarray(i * n, (i + 1) * n);
    for (let k = 0; k < left.cols; k++) {
      const x = left.values[i * left.cols + k];
      const from = k * n;
      for (let j = 0; j < n; j++) row[j] += x * right.values[from + j];
    }
  }
  return out;
}
