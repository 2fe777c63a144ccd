import { partOf } from "../../calibration/needs.ts";
import type { Calibration } from "../../calibration/types.ts";
import type { CodedMatrix, CodeJob, ColumnCoder } from "../../plan/code.ts";
import type { Matrix, SideTensor } from "../../steps/step.ts";
import type { WorkOf } from "../code.ts";
import { levelsOf } from "./lloyd.ts";
import type { KmeansCode } from "./plan.ts";

/** Values coded between two looks at whoever may cancel. */
const PACED = 2 ** 18;
/** Values that a book is learnt from: a tensor's or a row's are thinned out evenly to so many, or twice as many. */
const MOST_LEARNT = 2 ** 17;

async function bookFor(
  code: KmeansCode,
  operand: Matrix,
  known: Calibration | null,
  job: CodeJob,
): Promise<SideTensor> {
  const { k, per, weighted } = code;
  const { cols, values } = operand;
  const weights = weighted ? partOf(known, "meanSquare", "kmeans(weights=inputs)") : null;
  const books = per === "row" ? operand.rows : 1;
  const each = values.length / books;
  const levels = new Float32Array(books * k);
  let paced = 0;
  for (let b = 0; b < books; b++) {
    if (b === 0 || paced >= PACED / 8) {
      await job.checkpoint(b, 2 * books, "books");
      paced = 0;
    }
    paced += each;
    const own = values.subarray(b * each, (b + 1) * each);
    const step = Math.max(1, Math.floor(each / MOST_LEARNT));
    const at = new Uint32Array(Math.ceil(each / step));
    let count = 0;
    for (let i = 0; i < each; i += step) if (own[i] - own[i] === 0) at[count++] = i;
    const finite = new Float32Array(count);
    for (let i = 0; i < count; i++) finite[i] = own[at[i]];
    levels.set(levelsOf(finite, k, weights && ((i) => weights[at[i] % cols])), b * k);
  }
  return job.store("codebook", { rows: books, cols: k, values: levels }, code.book);
}

class LevelColumns implements ColumnCoder {
  readonly #code: KmeansCode;
  readonly #operand: Matrix;
  readonly #job: CodeJob;
  readonly #book: SideTensor;
  /** By book: ascending levels as they are stored, and the code of each. */
  readonly #ladders: { levels: Float32Array; codes: Uint32Array }[] = [];
  readonly #codes: Uint32Array;
  readonly #counts: Uint32Array;
  readonly #result: Float32Array;

  constructor(code: KmeansCode, operand: Matrix, book: SideTensor, job: CodeJob) {
    this.#code = code;
    this.#operand = operand;
    this.#job = job;
    this.#book = book;
    const { k } = code;
    for (let b = 0; b < book.rows; b++) {
      const own = book.values.subarray(b * k, (b + 1) * k);
      const codes = Uint32Array.from(own.keys()).sort((x, y) => own[x] - own[y] || x - y);
      this.#ladders.push({ levels: Float32Array.from(codes, (c) => own[c]), codes });
    }
    this.#codes = new Uint32Array(operand.values.length);
    this.#counts = new Uint32Array(k);
    this.#result = operand.values.slice();
  }

  async encode(col: number, values: Float32Array, results: Float32Array): Promise<void> {
    const { cols } = this.#operand;
    for (let r = 0; r < values.length; r++) {
      if (r % PACED === 0) await this.#job.checkpoint(col, cols, "columns");
      this.#one(r * cols + col, values[r]);
      results[r] = this.#result[r * cols + col];
    }
  }

  async all(): Promise<CodedMatrix> {
    const { values } = this.#operand;
    for (let i = 0; i < values.length; i++) {
      if (i % PACED === 0) await this.#job.checkpoint(values.length + i, 2 * values.length, "values");
      this.#one(i, values[i]);
    }
    return this.end();
  }

  /** The nearest level; midway between two, the lower. */
  #one(at: number, x: number): void {
    if (x - x !== 0 || this.#operand.values[at] - this.#operand.values[at] !== 0) return;
    const row = this.#book.rows > 1 ? Math.floor(at / this.#operand.cols) : 0;
    const { levels, codes } = this.#ladders[row];
    let [low, high] = [0, levels.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (x - levels[middle] > levels[middle + 1] - x) low = middle + 1;
      else high = middle;
    }
    this.#codes[at] = codes[low];
    this.#counts[codes[low]]++;
    this.#result[at] = levels[low];
  }

  async end(): Promise<CodedMatrix> {
    const { k, per } = this.#code;
    const { rows, cols } = this.#operand;
    const book = this.#book;
    const each = per === "row" ? cols : rows * cols;
    const what = per === "row" ? `levels, ${k} a row (${book.recipe})` : `levels, ${k} (${book.recipe})`;
    return {
      ...{ result: this.#result, codes: this.#codes, dim: 1, codeBits: Math.ceil(Math.log2(k)), counts: this.#counts },
      bits: [{ what, bitsPerWeight: book.bits / (rows * cols) }],
      notes:
        k > each
          ? [
              `the codebook has ${k} levels, and ${per === "row" ? "a row" : "the tensor"} ${each} values: it stores more than it codes`,
            ]
          : [],
    };
  }
}

/** Scalar codebooks that are learned: the levels of Lloyd and Max for the values at hand, as stored. */
export const work: WorkOf<KmeansCode> = {
  encode: async (code, operand, known, job) =>
    new LevelColumns(code, operand, await bookFor(code, operand, known, job), job).all(),
  begin: async (code, operand, known, job) =>
    new LevelColumns(code, operand, await bookFor(code, operand, known, job), job),
};
