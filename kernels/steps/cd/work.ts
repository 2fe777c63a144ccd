import { BLOCK_COLUMNS, type Dense, feedBack, type Range, STRETCH_COLUMNS, WithinBlock } from "../../linalg/index.ts";
import { work as gptq } from "../gptq/work.ts";
import { codeColumns } from "../solving/columns.ts";
import { cut } from "../solving/feedback.ts";
import { codingOrder, damped, hessianOf, meanDiagonal } from "../solving/hessian.ts";
import { MOST_VALUES } from "../solving/parameters.ts";
import type { ElementQuantizer, Matrix, Problem, Solver, SolverJob } from "../step.ts";
import type { CdParams } from "./index.ts";

/**
 * Coordinate descent (Behdin and others; the greedy passes of QuIP): with G = dW H, the best value of column k while the others stay is
 * q_k + G_k / H_kk, and the level nearest to it is taken where that lessens the loss. What the loss becomes follows from what it was: it
 * never rises, whatever the rounding.
 */
export const work: Solver<CdParams> = {
  kind: "solver",
  async solve(params, problem, job) {
    const { operand, calibration, quantizer } = problem;
    const { rows, cols } = operand;
    const hessian = await hessianOf(calibration, (gram) => codingOrder(gram, "none"), "cd", job, "is coded by itself");
    const h = damped(hessian.matrix, params.damp * meanDiagonal(hessian.matrix));
    const share = 1 / (params.passes + 2);
    const { codes, quantized, notes } = await begin(params, problem, part(job, 0, share));
    const state = { operand, quantizer, codes, quantized, h, changed: 0 };
    const within = await WithinBlock.start();
    const most = Math.max(1, Math.floor(MOST_VALUES / cols));
    for (let row0 = 0; row0 < rows; row0 += most) {
      const count = Math.min(most, rows - row0);
      const own = part(job, share + (row0 / rows) * (1 - share), (count / rows) * (1 - share));
      await new Descent(state, within, row0, count, own).run(params.passes);
    }
    const changes = `cd changed ${state.changed} of ${rows * cols} codes`;
    return { codes, quantized, bits: [], notes: [...hessian.notes, ...notes, changes], loss: null };
  },
};

/** The codes to begin with. */
async function begin({ start }: CdParams, problem: Problem, job: SolverJob) {
  if (start === "gptq")
    return gptq.solve({ damp: 0.01, order: "none", groups: "static", hessian: "gram" }, problem, job);
  return { ...(await codeColumns(problem.operand, problem.quantizer, job)), notes: [] };
}

/** A part of a job, from a share of it on. */
const part = (job: SolverJob, from: number, share: number): SolverJob => ({
  ...job,
  checkpoint: (done, total, unit) => job.checkpoint(from + (share * done) / Math.max(1, total), 1, unit),
});

interface State {
  operand: Matrix;
  quantizer: ElementQuantizer;
  codes: Uint32Array;
  quantized: Float32Array;
  h: Dense;
  changed: number;
}

/** Some rows on their way through all passes. G = dW H lies by columns, and is begun by feeding all errors of the start onto zeros. */
class Descent {
  readonly #state: State;
  readonly #within: WithinBlock;
  readonly #row0: number;
  readonly #rows: number;
  readonly #job: SolverJob;
  /** Changes of the pass, and of the one before. */
  #changes = 0;
  #before = 1;

  constructor(state: State, within: WithinBlock, row0: number, rows: number, job: SolverJob) {
    this.#state = state;
    this.#within = within;
    this.#row0 = row0;
    this.#rows = rows;
    this.#job = job;
  }

  async run(passes: number): Promise<void> {
    const { cols } = this.#state.operand;
    const blocks = cut({ from: 0, to: cols }, BLOCK_COLUMNS, 1);
    const visits = Array.from({ length: passes + 1 }, () => blocks).flat();
    let done = 0;
    const pace = () => this.#job.checkpoint(done, visits.length, "blocks");
    const rows = this.#rows;
    const visit = async (v: number, values: Float64Array<ArrayBuffer>) => {
      done = v;
      if (v < blocks.length) return [this.#start(visits[v])];
      if (v % blocks.length === 0) {
        this.#before = v === blocks.length ? 1 : this.#changes;
        this.#changes = 0;
      }
      // A pass without a change is the last.
      return this.#before === 0 ? null : [await this.#pass(visits[v], values, pace)];
    };
    const load = ({ from, to }: Range) => new Float64Array((to - from) * rows);
    await feedBack({ matrices: [this.#state.h], rows, blocks, visits, onto: "all", load, visit }, { pace });
  }

  /** -dW of a block. */
  #start({ from, to }: Range): Float64Array<ArrayBuffer> {
    const { operand, quantized } = this.#state;
    const out = new Float64Array((to - from) * this.#rows);
    for (let r = 0; r < this.#rows; r++) {
      for (let k = from, i = (this.#row0 + r) * operand.cols + from; k < to; k++, i++) {
        const e = quantized[i] - operand.values[i];
        if (e - e === 0) out[(k - from) * this.#rows + r] = e;
      }
    }
    return out;
  }

  /** Takes each column of a block to its best; gives what was added to each value. */
  async #pass(
    block: Range,
    g: Float64Array<ArrayBuffer>,
    pace: () => Promise<void>,
  ): Promise<Float64Array<ArrayBuffer>> {
    const rows = this.#rows;
    const { h } = this.#state;
    const added = new Float64Array(g.length);
    const stretches = cut(block, STRETCH_COLUMNS, 1);
    this.#within.begin(g, stretches, rows);
    for (const [s, { from, to }] of stretches.entries()) {
      await pace();
      const now = this.#within.take(s);
      const own = added.subarray((from - block.from) * rows, (to - block.from) * rows);
      for (let k = from; k < to; k++) {
        this.#column(k, now.subarray((k - from) * rows), own.subarray((k - from) * rows));
        for (let j = k + 1; j < to; j++) {
          const factor = h.values[k * h.cols + j];
          const [a, b] = [(k - from) * rows, (j - from) * rows];
          for (let r = 0; r < rows; r++) now[b + r] -= factor * own[a + r];
        }
      }
      this.#within.push(s, [h], [own]);
    }
    return added;
  }

  #column(k: number, g: Float64Array, added: Float64Array): void {
    const { operand, quantizer, codes, quantized, h } = this.#state;
    const rows = this.#rows;
    const { cols } = operand;
    const curvature = h.values[k * cols + k];
    const [asked, results, own] = [new Float32Array(rows), new Float32Array(rows), new Uint32Array(rows)];
    const first = this.#row0 * cols + k;
    for (let r = 0, i = first; r < rows; r++, i += cols) asked[r] = quantized[i] + g[r] / curvature;
    quantizer.encode(k, this.#row0, asked, results, own);
    for (let r = 0, i = first; r < rows; r++, i += cols) {
      const best = quantized[i] + g[r] / curvature;
      const [was, would] = [best - quantized[i], best - results[r]];
      if (!(would * would < was * was) || operand.values[i] - operand.values[i] !== 0) continue;
      added[r] = results[r] - quantized[i];
      codes[i] = own[r];
      quantized[i] = results[r];
      this.#changes++;
      this.#state.changed++;
    }
  }
}
