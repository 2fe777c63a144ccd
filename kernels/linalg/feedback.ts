/**
 * Errors fed back from columns to columns, as GPTQ, LDLQ and coordinate descent have it: values_j -= e_i F[i][j]. Values lie by
 * columns, and columns in blocks; the rows, which do not depend on each other, are spread over machines. Every value takes its
 * products one after the other in the order of the columns that they come from, each product and each difference rounded, as in plain
 * loops: figures do not depend on the number of machines.
 */
import { PANEL } from "./commands.ts";
import type { Dense } from "./dense.ts";
import { mustBeSquare } from "./dense.ts";
import { Machine } from "./machine.ts";
import { lengthOf, part, type Range, rangesOf } from "./panels.ts";
import type { Run } from "./run.ts";
import { type Promised, type Team, withTeam } from "./team.ts";

export interface FeedbackLoop {
  /** F, cols x cols; each has errors of its own, and they are fed back in the order of the matrices. */
  matrices: readonly Dense[];
  rows: number;
  /** Blocks to visit, one after the other. */
  visits: readonly Range[];
  /** Blocks of columns that together are all of them. */
  blocks: readonly Range[];
  /** Onto which columns errors go: those after their own, or all, their own with them. */
  onto: "after" | "all";
  /** The values of a block before anything, columns x rows. */
  load(block: Range): Float64Array<ArrayBuffer>;
  /** Takes the values of a visited block as they are by then, and gives its errors by matrix, columns x rows each; null where there are none. */
  visit(index: number, values: Float64Array<ArrayBuffer>): Promise<readonly Float64Array<ArrayBuffer>[] | null>;
}

/** The most columns of a block, as suits the machines; and of a stretch of one that is coded column by column. */
export const BLOCK_COLUMNS = PANEL;
export const STRETCH_COLUMNS = 16;

/** Goes through all visits. A block is visited once what came before was fed back onto it; the rest follows meanwhile. */
export async function feedBack(loop: FeedbackLoop, run: Run = {}): Promise<void> {
  const { matrices, rows, visits } = loop;
  for (const matrix of matrices) mustBeSquare(matrix, "A feedback");
  const cols = matrices[0].cols;
  if (visits.length === 0 || rows === 0) return;
  const operations = matrices.length * rows * cols * visits.length * PANEL;
  await withTeam(run, operations, visits.length, (team) => new Loop(team, loop).all());
}

class Loop {
  readonly #team: Team;
  readonly #loop: FeedbackLoop;
  /** The rows of each machine. */
  readonly #slabs: Range[];
  /** By visit: the values on their way to whoever codes them, by machine; and the errors on their way back, by matrix. */
  readonly #values: Promised[][];
  readonly #errors: Promised[][];

  constructor(team: Team, loop: FeedbackLoop) {
    this.#team = team;
    this.#loop = loop;
    this.#slabs = rangesOf(loop.rows, Math.max(4, 4 * Math.ceil(loop.rows / (4 * team.size))));
    this.#values = loop.visits.map(() => team.promised(this.#slabs.length));
    this.#errors = loop.visits.map(() => team.promised(loop.matrices.length));
  }

  all(): Promise<void> {
    return this.#team.all(async (host) => {
      const scripts = host < this.#slabs.length ? [this.#serve(host)] : [];
      await Promise.all(host === 0 ? [...scripts, this.#visitAll()] : scripts);
    });
  }

  async #visitAll(): Promise<void> {
    const { visits, rows } = this.#loop;
    for (const [v, block] of visits.entries()) {
      const values = new Float64Array(lengthOf(block) * rows);
      for (const [host, slab] of this.#slabs.entries()) {
        const own = await this.#values[v][host].values;
        const width = lengthOf(slab);
        for (let i = 0; i < lengthOf(block); i++) {
          values.set(own.subarray(i * width, (i + 1) * width), i * rows + slab.from);
        }
      }
      const errors = await this.#loop.visit(v, values);
      for (const [m, each] of this.#errors[v].entries()) each.resolve(errors ? errors[m] : new Float64Array(0));
    }
  }

  /** What one machine does for its rows. Panel b holds block b; behind them lie a matrix's rows and errors in turn. */
  async #serve(host: number): Promise<void> {
    const { blocks, visits, matrices, rows, onto, load } = this.#loop;
    const team = this.#team;
    const slab = this.#slabs[host];
    const n = lengthOf(slab);
    const columns = (values: Float64Array, count: number) =>
      n === rows
        ? values
        : part({ rows: count, cols: rows, values: values as Float64Array<ArrayBuffer> }, { from: 0, to: count }, slab);
    for (const [b, block] of blocks.entries()) {
      const count = lengthOf(block);
      await team.send(host, { do: "put", id: b, rows: count, cols: n, values: columns(load(block), count) });
    }
    const indexOf = (range: Range) => blocks.findIndex(({ from }) => from === range.from);
    const offer = async (v: number) => {
      if (v < visits.length) this.#values[v][host].resolve(await team.get(host, indexOf(visits[v])));
    };
    await offer(0);
    for (const [v, block] of visits.entries()) {
      const count = lengthOf(block);
      const operands = await Promise.all(this.#errors[v].map(({ values }) => values));
      const none = operands[0].length === 0;
      const reached = (target: Range) => !none && (onto === "all" || target.from >= block.to);
      const targets = blocks.flatMap((target, b) => (reached(target) ? [b] : []));
      const aside = sideBySide(targets.map((b) => blocks[b]));
      // What is visited next goes first, so that nobody waits for the rest.
      const next = visits[v + 1] && indexOf(visits[v + 1]);
      const [guest, error] = [blocks.length, blocks.length + matrices.length];
      for (const [m, matrix] of matrices.entries()) {
        if (targets.length === 0) break;
        await team.send(host, {
          do: "put",
          id: guest + m,
          rows: count,
          cols: aside.cols,
          values: aside.of(matrix, block),
        });
        const e = columns(operands[m], count);
        await team.send(host, { do: "put", id: error + m, rows: count, cols: n, values: e });
      }
      const feed = async (b: number) => {
        for (const m of matrices.keys()) {
          const places = { a: guest + m, aCol: aside.places[targets.indexOf(b)], b: error + m, bCol: 0 };
          await team.send(host, { do: "update", form: "tn", c: b, cCol: 0, ...places, n, subtract: true });
        }
      };
      if (next !== undefined && targets.includes(next)) await feed(next);
      await offer(v + 1);
      for (const b of targets) if (b !== next) await feed(b);
      if (host === 0) await team.send(host, { do: "drop", ids: [] }, 1);
    }
  }
}

/** Stretches of columns of a matrix beside each other, each from a multiple of four on, as updates take them. */
function sideBySide(targets: readonly Range[]) {
  const places: number[] = [];
  let cols = 0;
  for (const target of targets) {
    places.push(cols);
    cols += Math.ceil(lengthOf(target) / 4) * 4;
  }
  return {
    places,
    cols,
    of({ cols: width, values }: Dense, rows: Range): Float64Array<ArrayBuffer> {
      const out = new Float64Array(lengthOf(rows) * cols);
      for (let r = rows.from; r < rows.to; r++) {
        for (const [t, { from, to }] of targets.entries()) {
          out.set(values.subarray(r * width + from, r * width + to), (r - rows.from) * cols + places[t]);
        }
      }
      return out;
    },
  };
}

/**
 * A block of columns on its way through itself, in this thread: errors of a stretch of its columns go onto those after it at once. The
 * numbers of stretches and columns are those of the whole matrix.
 */
export class WithinBlock {
  readonly #machine: Machine;
  #stretches: readonly Range[] = [];
  #rows = 0;

  private constructor(machine: Machine) {
    this.#machine = machine;
  }

  static async start(): Promise<WithinBlock> {
    return new WithinBlock(await Machine.start());
  }

  /** Takes a block up, whose values are columns x rows, cut into stretches. */
  begin(values: Float64Array<ArrayBuffer>, stretches: readonly Range[], rows: number): void {
    this.#stretches = stretches;
    this.#rows = rows;
    for (const [s, { from, to }] of stretches.entries()) {
      const own = values.subarray((from - stretches[0].from) * rows, (to - stretches[0].from) * rows);
      this.#machine.execute({ do: "put", id: s, rows: to - from, cols: rows, values: own });
    }
  }

  /** A stretch as it is by now, columns x rows. */
  take(stretch: number): Float64Array<ArrayBuffer> {
    return this.#machine.execute({ do: "get", id: stretch }) as Float64Array<ArrayBuffer>;
  }

  /** Errors of a stretch by matrix, columns x rows, onto all stretches of the block after it. */
  push(stretch: number, matrices: readonly Dense[], errors: readonly Float64Array[]): void {
    const after = this.#stretches.slice(stretch + 1);
    if (after.length === 0) return;
    const own = this.#stretches[stretch];
    const aside = sideBySide(after);
    const [guest, error] = [-1, -2];
    for (const [m, matrix] of matrices.entries()) {
      const [rows, cols, values] = [lengthOf(own), aside.cols, aside.of(matrix, own)];
      this.#machine.execute({ do: "put", id: guest, rows, cols, values });
      this.#machine.execute({ do: "put", id: error, rows, cols: this.#rows, values: errors[m] as Float64Array });
      for (const [k, aCol] of aside.places.entries()) {
        const places = { c: stretch + 1 + k, cCol: 0, a: guest, aCol, b: error, bCol: 0 };
        this.#machine.execute({ do: "update", form: "tn", ...places, n: this.#rows, subtract: true });
      }
    }
  }
}
