/** A quantizer whose step sizes are learned beside what is coded: each block's scale is its own rule's, times a factor. */
import { RecipeError } from "../../grammar/errors.ts";
import { type Dense, dense, multiply } from "../../linalg/index.ts";
import type { ElementQuantizer, Matrix, SolverJob } from "../step.ts";

export interface Coded {
  results: Float32Array;
  codes: Uint32Array;
  /** 1 where a value lies beyond the last level on its side. */
  outside: Uint8Array;
}

/** Columns between two looks at whoever may cancel. */
const PACED = 16;
/** Tokens x columns that errors are multiplied by at once. */
const PIECE = 2 ** 20;

export class ScaledQuantizer {
  /** How many factors there are. */
  readonly blocks: number;
  readonly #operand: Matrix;
  readonly #quantizer: ElementQuantizer;
  readonly #job: SolverJob;
  readonly #across: number;
  readonly #width: number;
  readonly #period: number;

  /** Throws RecipeError where blocks are not along rows, and where values stand without scales. */
  constructor(operand: Matrix, quantizer: ElementQuantizer, who: string, job: SolverJob) {
    if (quantizer.blockCols === null) {
      throw new RecipeError(`${who} learns the steps of blocks along a row, as /128 or /row`);
    }
    this.#operand = operand;
    this.#quantizer = quantizer;
    this.#job = job;
    this.#width = Math.min(quantizer.blockCols, operand.cols);
    this.#period = quantizer.rowPeriod;
    this.#across = Math.ceil(operand.cols / this.#width);
    this.blocks = Math.ceil(operand.rows / this.#period) * this.#across;
  }

  blockAt(row: number, col: number): number {
    return Math.floor(row / this.#period) * this.#across + Math.floor(col / this.#width);
  }

  /** Where the values of a run of rows begin and end. */
  valuesOf(run: number): [from: number, to: number] {
    const { rows, cols } = this.#operand;
    return [run * this.#period * cols, Math.min(rows, (run + 1) * this.#period) * cols];
  }

  /** Finds scales of the operand times each block's factor. */
  scale(factors: Float64Array): void {
    const { rows, cols, values } = this.#operand;
    const scaled = new Float32Array(values.length);
    for (let r = 0, i = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++, i++) scaled[i] = values[i] * factors[this.blockAt(r, c)];
    }
    this.#quantizer.refit(0, cols, 0, scaled);
  }

  async code(values: Float32Array): Promise<Coded> {
    const { rows, cols } = this.#operand;
    const n = rows * cols;
    const out: Coded = { results: new Float32Array(n), codes: new Uint32Array(n), outside: new Uint8Array(n) };
    const [own, results, codes] = [new Float32Array(rows), new Float32Array(rows), new Uint32Array(rows)];
    const [far, ends] = [new Float32Array(rows), new Uint32Array(rows)];
    for (let col = 0; col < cols; col++) {
      if (col % PACED === 0) await this.#job.checkpoint(0, 1, "");
      for (let r = 0, i = col; r < rows; r++, i += cols) own[r] = values[i];
      this.#quantizer.encode(col, 0, own, results, codes);
      for (let r = 0, i = col; r < rows; r++, i += cols) {
        out.results[i] = results[r];
        out.codes[i] = codes[r];
        far[r] = 4 * own[r];
      }
      this.#quantizer.encode(col, 0, far, results, ends);
      for (let r = 0, i = col; r < rows; r++, i += cols) {
        if (ends[r] === codes[r] && Math.abs(own[r]) > Math.abs(out.results[i])) out.outside[i] = 1;
      }
    }
    return out;
  }

  /** What results differ from the operand, zero where either is not finite. */
  errors(results: Float32Array): Dense {
    const { rows, cols, values } = this.#operand;
    const out = dense(rows, cols);
    for (let i = 0; i < values.length; i++) {
      const e = results[i] - values[i];
      out.values[i] = e - e === 0 ? e : 0;
    }
    return out;
  }

  /** The gradient of the outputs' mean squared error at the results, over a batch of tokens. */
  async gradient(results: Float32Array, tokens: Dense): Promise<Float64Array> {
    const run = { pace: () => this.#job.checkpoint(0, 1, "") };
    const outputs = await multiply(this.errors(results), tokens, { transposeB: true }, run);
    const { values } = await multiply(outputs, tokens, {}, run);
    for (let i = 0; i < values.length; i++) values[i] *= 2 / tokens.rows;
    return values;
  }

  /** Sums of squared errors of the outputs over all tokens, for each run of rows that shares no scale with others. */
  async losses(results: Float32Array, inputs: Float32Array): Promise<Float64Array> {
    const run = { pace: () => this.#job.checkpoint(0, 1, "") };
    const error = this.errors(results);
    const piece = Math.max(1, Math.floor(PIECE / error.cols)) * error.cols;
    const sums = new Float64Array(this.blocks / this.#across);
    for (let at = 0; at < inputs.length; at += piece) {
      const part = Float64Array.from(inputs.subarray(at, at + piece));
      const outputs = await multiply(
        error,
        dense(part.length / error.cols, error.cols, part),
        { transposeB: true },
        run,
      );
      for (let i = 0; i < outputs.values.length; i++) {
        sums[Math.floor(Math.floor(i / outputs.cols) / this.#period)] += outputs.values[i] ** 2;
      }
    }
    return sums;
  }

  /**
   * Of gradients at results those at the logarithm of each block's factor, as LSQ has them (arXiv 1902.08153): with x = s round(v), a step's
   * own part is x - s v inside the range, and x beyond it.
   */
  atSteps(gradient: Float64Array, values: Float32Array, { results, outside }: Coded): Float64Array {
    const { rows, cols } = this.#operand;
    const out = new Float64Array(this.blocks);
    for (let r = 0, i = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++, i++) {
        const part = gradient[i] * (outside[i] ? results[i] : results[i] - values[i]);
        if (part - part === 0) out[this.blockAt(r, c)] += part;
      }
    }
    return out;
  }
}

const total = (losses: Float64Array): number => losses.reduce((sum, x) => sum + x, 0);

/** The best codes that were met, for each run of rows that shares no scale with others. */
export class BestScaled {
  readonly factors: Float64Array;
  readonly coded: Coded;
  /** The squared error of the outputs over all tokens, at first. */
  readonly first: number;
  readonly #scaled: ScaledQuantizer;
  readonly #inputs: Float32Array;
  readonly #losses: Float64Array;

  private constructor(scaled: ScaledQuantizer, inputs: Float32Array, coded: Coded, losses: Float64Array) {
    this.#scaled = scaled;
    this.#inputs = inputs;
    this.coded = { results: coded.results.slice(), codes: coded.codes.slice(), outside: coded.outside };
    this.#losses = losses;
    this.first = total(losses);
    this.factors = new Float64Array(scaled.blocks).fill(1);
  }

  /** Begins with the nearest codes under the scales that their own rule finds. */
  static async start(scaled: ScaledQuantizer, { values }: Matrix, inputs: Float32Array): Promise<BestScaled> {
    const coded = await scaled.code(values);
    return new BestScaled(scaled, inputs, coded, await scaled.losses(coded.results, inputs));
  }

  /** The squared error of what was kept. */
  get loss(): number {
    return total(this.#losses);
  }

  /** Keeps what is better. Gives the squared error of what was offered. */
  async offer({ results, codes }: Coded, factors: Float64Array): Promise<number> {
    const losses = await this.#scaled.losses(results, this.#inputs);
    const blocks = factors.length / losses.length;
    for (const [k, loss] of losses.entries()) {
      if (!(loss < this.#losses[k])) continue;
      this.#losses[k] = loss;
      const [from, to] = this.#scaled.valuesOf(k);
      this.coded.results.set(results.subarray(from, to), from);
      this.coded.codes.set(codes.subarray(from, to), from);
      this.factors.set(factors.subarray(k * blocks, (k + 1) * blocks), k * blocks);
    }
    return total(losses);
  }
}
