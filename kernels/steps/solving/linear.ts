import { type Dense, type Run, reverseCholesky } from "../../linalg/index.ts";
import type { FeedbackTerm } from "./feedback.ts";

/** What is over column k of the errors before it: -A of H = (A + I) D (A + I)^T, A strictly upper triangular. */
async function feedbackOf(matrix: Dense, run: Run): Promise<Dense> {
  const factor = await reverseCholesky(matrix, run);
  const { cols, values: r } = factor;
  const diagonal = Float64Array.from({ length: cols }, (_, i) => r[i * cols + i]);
  for (let i = 0; i < cols; i++)
    for (let j = i; j < cols; j++) r[i * cols + j] = i === j ? 0 : -r[i * cols + j] / diagonal[j];
  return factor;
}

export const FEEDBACK = { kind: "feedback", factor: feedbackOf };

/** The error of a column is what it lost of its first value, whatever was added to it since. */
export const linearTerm = (push: Dense): FeedbackTerm => ({
  push,
  errors({ count, original, results }, into, to) {
    for (let r = 0; r < count; r++) into[to + r] = original[r] - results[r];
  },
});
