import type { CodedMatrix, CodeJob, ColumnCoder } from "../../plan/code.ts";
import type { Bits, Matrix } from "../../steps/step.ts";

/** Codes vectors that lie one after the other: what their codes stand for goes into `results`, a code each into `codes`. */
export type CodeVectors = (values: Float32Array, results: Float32Array, codes: Uint32Array) => void;

/** Vectors that are coded between two looks at whoever may cancel. */
const PACED = 2 ** 11;

export interface VectorCoding {
  dim: number;
  codeBits: number;
  code: CodeVectors;
  bits: Bits[];
  notes?: string[];
  /** How a code is made up. */
  words?(code: number): { what: string; value: string }[];
}

/** Whether all of some numbers are finite. */
export function allFinite(values: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (values[i] - values[i] !== 0) return false;
  return true;
}

/** Codes each vector of `dim` values of a row by itself, in columns or at once. Vectors that are not finite come back as they are, with code 0. */
export class VectorColumns implements ColumnCoder {
  readonly #coding: VectorCoding;
  readonly #operand: Matrix;
  readonly #job: CodeJob;
  readonly #codes: Uint32Array;
  readonly #counts: Uint32Array | null;
  readonly #result: Float32Array;

  constructor(coding: VectorCoding, operand: Matrix, job: CodeJob) {
    this.#coding = coding;
    this.#operand = operand;
    this.#job = job;
    this.#codes = new Uint32Array(operand.values.length / coding.dim);
    this.#counts = coding.codeBits <= 16 ? new Uint32Array(2 ** coding.codeBits) : null;
    this.#result = operand.values.slice();
  }

  async encode(col: number, values: Float32Array, results: Float32Array): Promise<void> {
    const { rows, cols } = this.#operand;
    const { dim } = this.#coding;
    for (let r = 0; r < rows; r += PACED) {
      await this.#job.checkpoint(col, cols, "columns");
      const end = Math.min(rows, r + PACED);
      this.#code(
        values.subarray(r * dim, end * dim),
        results.subarray(r * dim, end * dim),
        (i) => (r + i) * cols + col,
      );
    }
  }

  /** All vectors of the matrix as they stand. */
  async all(): Promise<CodedMatrix> {
    const { values } = this.#operand;
    const { dim } = this.#coding;
    const vectors = values.length / dim;
    for (let v = 0; v < vectors; v += PACED) {
      await this.#job.checkpoint(v, vectors, "vectors");
      const [from, to] = [v * dim, Math.min(vectors, v + PACED) * dim];
      this.#code(values.subarray(from, to), new Float32Array(to - from), (i) => from + i * dim);
    }
    return this.end();
  }

  /** `place` is where the i-th vector begins in the matrix. */
  #code(values: Float32Array, results: Float32Array, place: (i: number) => number): void {
    const { dim, code } = this.#coding;
    const count = values.length / dim;
    const codes = new Uint32Array(count);
    code(values, results, codes);
    for (let i = 0; i < count; i++) {
      const at = place(i);
      if (allFinite(this.#operand.values, at, at + dim) && allFinite(values, i * dim, (i + 1) * dim)) {
        this.#codes[at / dim] = codes[i];
        if (this.#counts) this.#counts[codes[i]]++;
        for (let d = 0; d < dim; d++) this.#result[at + d] = results[i * dim + d];
      } else {
        for (let d = 0; d < dim; d++) results[i * dim + d] = this.#operand.values[at + d];
      }
    }
  }

  async end(): Promise<CodedMatrix> {
    const { dim, codeBits, bits, notes = [], words } = this.#coding;
    const codes = this.#codes;
    const per = this.#operand.cols / dim;
    return {
      ...{ result: this.#result, codes, dim, codeBits, counts: this.#counts, bits, notes },
      ...(words && { words: (row: number, col: number) => words(codes[row * per + Math.floor(col / dim)]) }),
    };
  }
}
