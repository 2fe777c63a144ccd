import { expect, it } from "vitest";
import { dense } from "../linalg/dense.ts";
import { normalValues } from "../testing/matrix.ts";
import { traceThrough } from "./output-error.ts";

it("is the trace of A H A^T, in panels as written out", async () => {
  for (const [rows, cols] of [
    [1, 1],
    [3, 7],
    [5, 300],
  ]) {
    const a = dense(rows, cols, Float64Array.from(normalValues(rows * cols, 1)));
    const h = dense(cols, cols);
    const x = normalValues(2 * cols * cols, 2);
    for (let t = 0; t < 2 * cols; t++) {
      for (let i = 0; i < cols; i++) {
        for (let j = 0; j < cols; j++) h.values[i * cols + j] += x[t * cols + i] * x[t * cols + j];
      }
    }
    let trace = 0;
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < cols; i++) {
        let sum = 0;
        for (let j = 0; j < cols; j++) sum += h.values[i * cols + j] * a.values[r * cols + j];
        trace += a.values[r * cols + i] * sum;
      }
    }
    expect(Math.abs((await traceThrough(a, h)) / trace - 1)).toBeLessThan(1e-12);
  }
});
