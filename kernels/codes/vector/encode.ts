import type { VectorCode } from "../../plan/plan.ts";
import type { Matrix, SideTensor, StepJob } from "../../steps/step.ts";
import { isFiniteVector, kmeans, nearest, type Vectors } from "./kmeans.ts";

/** A matrix in vector codes. */
export interface CodedVectors {
  /** A code a vector, row-major; 0 for vectors that hold NaN or Inf, which no code stands for. */
  codes: Uint32Array;
  /** What the codes stand for, row-major over the matrix. Vectors that are not finite come back as they are. */
  result: Float32Array;
  /** How often each code was chosen. */
  counts: Uint32Array;
  /** k x dim, as it is stored. */
  book: SideTensor;
}

/**
 * Finds a codebook for the matrix and codes each vector of `dim` values of a row by the nearest of the centres as they are stored.
 * Source of the idea: Gray, Vector quantization, IEEE ASSP Magazine 1984.
 */
export async function encodeVectors(
  code: VectorCode,
  operand: Matrix,
  job: Pick<StepJob, "checkpoint" | "store">,
): Promise<CodedVectors> {
  const { dim, k, seed } = code;
  const { values } = operand;
  const vectors: Vectors = { dim, count: values.length / dim, values };
  const centres = await kmeans(vectors, k, seed, (done, total) => job.checkpoint(done, 2 * total, "rounds"));
  const book = await job.store("codebook", { rows: k, cols: dim, values: Float32Array.from(centres) }, code.book);
  const codes = new Uint32Array(vectors.count);
  const counts = new Uint32Array(k);
  const result = values.slice();
  for (let i = 0; i < vectors.count; i++) {
    if (i % 1024 === 0) await job.checkpoint(vectors.count + i, 2 * vectors.count, "vectors");
    if (!isFiniteVector(vectors, i)) continue;
    const c = nearest(values, i * dim, dim, book.values);
    codes[i] = c;
    counts[c]++;
    for (let d = 0; d < dim; d++) result[i * dim + d] = book.values[c * dim + d];
  }
  return { codes, result, counts, book };
}

/** What the codebook takes, over the elements of the matrix. */
export const bookBits = ({ dim, k }: VectorCode, { rows, cols }: Pick<Matrix, "rows" | "cols">, book: SideTensor) => ({
  what: `codebook, ${k} x ${dim} (${book.recipe})`,
  bitsPerWeight: book.bits / (rows * cols),
});
