import type { CodeJob } from "../../plan/code.ts";
import type { Matrix } from "../../steps/step.ts";
import type { WorkOf } from "../code.ts";
import { type VectorCoding, VectorColumns } from "./columns.ts";
import { kmeans, type Vectors } from "./kmeans.ts";
import { Nearest } from "./nearest.ts";
import type { VectorCode } from "./plan.ts";

/** Finds a codebook for the matrix: each vector is coded by the nearest of the centres as they are stored. */
async function codingOf(code: VectorCode, operand: Matrix, job: CodeJob): Promise<VectorCoding> {
  const { dim, k, seed } = code;
  const { rows, cols, values } = operand;
  const vectors: Vectors = { dim, count: values.length / dim, values };
  const centres = await kmeans(vectors, k, seed, (done, total) => job.checkpoint(done, 2 * total, "rounds"));
  const book = await job.store("codebook", { rows: k, cols: dim, values: Float32Array.from(centres) }, code.book);
  const nearest = await Nearest.of(Float64Array.from(book.values), dim);
  return {
    dim,
    codeBits: Math.ceil(Math.log2(k)),
    code(own, results, codes) {
      nearest.find(own, codes);
      for (let i = 0; i < codes.length; i++) {
        for (let d = 0; d < dim; d++) results[i * dim + d] = book.values[codes[i] * dim + d];
      }
    },
    bits: [{ what: `codebook, ${k} x ${dim} (${book.recipe})`, bitsPerWeight: book.bits / (rows * cols) }],
    notes: largerThanData(k, vectors.count, "codebook"),
  };
}

/** What is said of a codebook that has more vectors than there are to code. */
export const largerThanData = (k: number, count: number, what: string): string[] =>
  k > count ? [`the ${what} has ${k} vectors, and the tensor ${count}: it stores more than it codes`] : [];

/**
 * Codes each vector of `dim` values of a row by the nearest of k centres.
 * Source of the idea: Gray, Vector quantization, IEEE ASSP Magazine 1984.
 */
export const work: WorkOf<VectorCode> = {
  encode: async (code, operand, _, job) => {
    const coding = await codingOf(code, operand, job);
    const second: CodeJob = {
      ...job,
      checkpoint: (done, total, unit) => job.checkpoint(total + done, 2 * total, unit),
    };
    return new VectorColumns(coding, operand, second).all();
  },
  begin: async (code, operand, _, job) => new VectorColumns(await codingOf(code, operand, job), operand, job),
};
