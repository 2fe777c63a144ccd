import { BLOCK_COLUMNS, type Dense, feedBack, type Range, STRETCH_COLUMNS, WithinBlock } from "../../linalg/index.ts";
import type { ElementQuantizer, Matrix, SolverJob } from "../step.ts";
import { MOST_VALUES } from "./parameters.ts";

/** A column when it is coded: what it was, what the errors before it have made of it, and what it became. */
export interface CodedColumn {
  /** Its place in coding order. */
  i: number;
  count: number;
  original: Float32Array;
  /** From `at` on. */
  values: Float64Array;
  at: number;
  results: Float32Array;
}

/** What becomes of the error of a column, by the method. */
export interface FeedbackTerm {
  /** In coding order: an error e of column i adds -e push[i][j] to column j, j > i. */
  push: Dense;
  /** Writes the errors of a column to `into` from `to` on. */
  errors(column: CodedColumn, into: Float64Array, to: number): void;
}

/** Columns that are coded one after the other, each with what the errors before it have added to it. */
export interface Feedback {
  operand: Matrix;
  /** The column that is coded as the i-th. */
  order: Uint32Array;
  /** By column: 1 where values count as zero. */
  dead: Uint8Array;
  /** What values are before anything is coded, rows x cols in coding order, where they are not the operand's. */
  start?: Float64Array;
  terms: readonly FeedbackTerm[];
  /** Whether the scales of a block of columns are found anew when its first column is coded. Columns then go in their order. */
  refit: boolean;
}

/** What is asked of a quantizer here. */
export type FeedbackQuantizer = Pick<ElementQuantizer, "blockCols" | "rowPeriod" | "encode" | "refit">;

export interface FeedbackResult {
  codes: Uint32Array;
  quantized: Float32Array;
  /** Sum of the squares of the first term's errors over rows and columns. */
  squares: number;
}

/**
 * Codes a matrix column by column. A value is rounded to float32 before it is coded. What is not finite, and what becomes so, has no
 * error. Errors go onto the columns after them in float64, one after the other in coding order: see `feedBack`.
 */
export async function codeWithFeedback(
  feedback: Feedback,
  quantizer: FeedbackQuantizer,
  job: SolverJob,
): Promise<FeedbackResult> {
  const { rows, cols } = feedback.operand;
  const out = { codes: new Uint32Array(rows * cols), quantized: new Float32Array(rows * cols), squares: 0 };
  const period = feedback.refit ? quantizer.rowPeriod : 1;
  const most = Math.max(period, Math.floor(MOST_VALUES / cols / period) * period);
  const within = await WithinBlock.start();
  for (let row0 = 0; row0 < rows; row0 += most) {
    await new Slab(feedback, quantizer, within, row0, Math.min(most, rows - row0), out, job).code();
  }
  return out;
}

/** Some rows on their way through all columns. */
class Slab {
  readonly #feedback: Feedback;
  readonly #quantizer: FeedbackQuantizer;
  readonly #within: WithinBlock;
  readonly #row0: number;
  readonly #rows: number;
  readonly #out: FeedbackResult;
  readonly #job: SolverJob;
  readonly #matrices: Dense[];
  readonly #column: CodedColumn;
  readonly #asked: Float32Array;
  readonly #codes: Uint32Array;
  #done = 0;

  constructor(
    feedback: Feedback,
    quantizer: FeedbackQuantizer,
    within: WithinBlock,
    row0: number,
    rows: number,
    out: FeedbackResult,
    job: SolverJob,
  ) {
    this.#feedback = feedback;
    this.#quantizer = quantizer;
    this.#within = within;
    this.#row0 = row0;
    this.#rows = rows;
    this.#out = out;
    this.#job = job;
    this.#matrices = feedback.terms.map(({ push }) => push);
    this.#asked = new Float32Array(rows);
    this.#codes = new Uint32Array(rows);
    const none = new Float64Array(0);
    this.#column = {
      i: 0,
      count: rows,
      original: new Float32Array(rows),
      values: none,
      at: 0,
      results: new Float32Array(rows),
    };
  }

  async code(): Promise<void> {
    const most = Math.max(BLOCK_COLUMNS, this.#group);
    const blocks = cut({ from: 0, to: this.#feedback.operand.cols }, most, this.#group);
    const [matrices, rows] = [this.#matrices, this.#rows];
    const pace = () => this.#checkpoint();
    const load = (block: Range) => this.#load(block);
    const visit = (b: number, values: Float64Array<ArrayBuffer>) => this.#visit(blocks[b], values);
    await feedBack({ matrices, rows, blocks, visits: blocks, onto: "after", load, visit }, { pace });
  }

  /** Columns whose scale is found at once, of what they are by then. */
  get #group(): number {
    return this.#feedback.refit ? (this.#quantizer.blockCols ?? 1) : 1;
  }

  #checkpoint(): Promise<void> {
    const { rows, cols } = this.#feedback.operand;
    return this.#job.checkpoint(this.#row0 * cols + this.#done * this.#rows, rows * cols, "values");
  }

  /** Values of a block of columns in coding order, columns x rows. */
  #load({ from, to }: Range): Float64Array<ArrayBuffer> {
    const { operand, order, dead, start } = this.#feedback;
    const out = new Float64Array((to - from) * this.#rows);
    for (let r = 0; r < this.#rows; r++) {
      const at = (this.#row0 + r) * operand.cols;
      for (let i = from; i < to; i++) {
        if (dead[order[i]] === 1) continue;
        const x = operand.values[at + order[i]];
        // What is not finite has its code, whatever was to become of it.
        out[(i - from) * this.#rows + r] = start && x - x === 0 ? start[at + i] : x;
      }
    }
    return out;
  }

  async #visit(block: Range, values: Float64Array<ArrayBuffer>): Promise<Float64Array<ArrayBuffer>[]> {
    const rows = this.#rows;
    const errors = this.#matrices.map(() => new Float64Array((block.to - block.from) * rows));
    const stretches = cut(block, STRETCH_COLUMNS, this.#group);
    this.#within.begin(values, stretches, rows);
    for (const [s, stretch] of stretches.entries()) {
      await this.#checkpoint();
      const [from, to] = [stretch.from - block.from, stretch.to - block.from].map((c) => c * rows);
      const own = errors.map((each) => each.subarray(from, to));
      const now = this.#within.take(s);
      this.#refitAt(stretch, now, stretches, s);
      this.#code(stretch, now, own);
      this.#within.push(s, this.#matrices, own);
      this.#done += stretch.to - stretch.from;
    }
    return errors;
  }

  /** Codes a stretch of columns; what each leaves goes onto those after it. `values` and `errors` are columns x rows. */
  #code({ from, to }: Range, values: Float64Array, errors: readonly Float64Array[]): void {
    const rows = this.#rows;
    const { operand, terms, refit } = this.#feedback;
    for (let i = from; i < to; i++) {
      if (refit && this.#group < STRETCH_COLUMNS && i % this.#group === 0) {
        this.#refit(i, Math.min(to, i + this.#group), values.subarray((i - from) * rows));
      }
      const at = (i - from) * rows;
      this.#encode(i, values, at);
      for (let t = 0; t < terms.length; t++) {
        terms[t].errors(this.#column, errors[t], at);
        const sum = finiteSquares(errors[t], at, rows);
        if (t === 0) this.#out.squares += sum;
        for (let j = i + 1; j < to; j++) {
          subtract(terms[t].push.values[i * operand.cols + j], errors[t], at, values, (j - from) * rows, rows);
        }
      }
    }
  }

  /** Codes one column, and writes it out. */
  #encode(i: number, values: Float64Array, at: number): void {
    const { operand, order, dead } = this.#feedback;
    const { cols } = operand;
    const col = order[i];
    const { original, results } = this.#column;
    const asked = this.#asked;
    const first = this.#row0 * cols + col;
    for (let r = 0, from = first; r < asked.length; r++, from += cols) {
      asked[r] = values[at + r];
      original[r] = dead[col] === 1 ? 0 : operand.values[from];
    }
    this.#quantizer.encode(col, this.#row0, asked, results, this.#codes);
    Object.assign(this.#column, { i, values, at });
    const { codes, quantized } = this.#out;
    for (let r = 0, to = first; r < asked.length; r++, to += cols) {
      codes[to] = this.#codes[r];
      quantized[to] = results[r];
    }
  }

  /** Where a stretch begins a group that is no shorter, the group's columns lie in it and in the stretches after it. */
  #refitAt({ from }: Range, now: Float64Array, stretches: readonly Range[], s: number): void {
    const group = this.#group;
    if (!this.#feedback.refit || group < STRETCH_COLUMNS || from % group !== 0) return;
    const end = Math.min(this.#feedback.operand.cols, from + group);
    const values = new Float64Array((end - from) * this.#rows);
    values.set(now);
    for (let k = s + 1; k < stretches.length && stretches[k].from < end; k++) {
      values.set(this.#within.take(k), (stretches[k].from - from) * this.#rows);
    }
    this.#refit(from, end, values);
  }

  /** Has the scales of a block of columns found anew, of its values as they are by now. */
  #refit(from: number, to: number, values: Float64Array): void {
    const [rows, width] = [this.#rows, to - from];
    const now = new Float32Array(rows * width);
    for (let j = 0; j < width; j++) for (let r = 0; r < rows; r++) now[r * width + j] = values[j * rows + r];
    this.#quantizer.refit(from, to, this.#row0, now);
  }
}

/** A range in stretches of at most `most` columns, cut so that each group begins one or lies in one. */
export function cut({ from, to }: Range, most: number, group: number): Range[] {
  const step = group <= most ? Math.floor(most / group) * group : group;
  const out: Range[] = [];
  for (let start = from; start < to; start += step) {
    const stop = Math.min(to, start + step);
    for (let first = start; first < stop; first += most) out.push({ from: first, to: Math.min(stop, first + most) });
  }
  return out;
}

/** b -= factor a, over a column. */
function subtract(factor: number, a: Float64Array, from: number, b: Float64Array, to: number, count: number): void {
  for (let r = 0; r < count; r++) b[to + r] -= factor * a[from + r];
}

/** Takes what is not finite for no error, and adds up the squares of the rest. */
function finiteSquares(values: Float64Array, from: number, count: number): number {
  let sum = 0;
  for (let i = from; i < from + count; i++) {
    const e = values[i];
    if (e - e !== 0) values[i] = 0;
    else sum += e * e;
  }
  return sum;
}
