/**
 * Cholesky factors and inverses of triangles in one sweep over row panels, in place: panel k of the factor, once it stands,
 * goes to every machine, which takes it off the panels after it (the factor's), and carries it into the panels before it
 * (the inverse's). Every element goes through its operations in the order of the plain loops.
 */
import { NotPositiveDefinite } from "./errors.ts";
import { lengthOf, type Range, rangesOf } from "./panels.ts";
import type { Run } from "./run.ts";
import { type Promised, type Team, withTeam } from "./team.ts";

export interface Elimination {
  n: number;
  /** Rows from the diagonal on of what is taken: a matrix to factor, or the factor. */
  rows(range: Range): Float64Array<ArrayBuffer>;
  /** Whether it is to be factored; else it is the triangle to invert. */
  factor: boolean;
  /** What comes out: U with a = U^T U, U^-1, or U^-1 U^-T. */
  want: "factor" | "inverse factor" | "inverse";
  /** Takes rows from the diagonal on of what comes out; what lies below it means nothing. */
  keep(values: Float64Array, range: Range): void;
  /** The pivot's name in a message. */
  nameOf?(pivot: number): number;
}

export async function eliminate(job: Elimination, run: Run): Promise<void> {
  if (job.n === 0) return;
  const panels = rangesOf(job.n);
  const pairs = (panels.length * (panels.length + 1)) / 2;
  const parts = (job.factor ? 1 : 0) + (job.want === "factor" ? 0 : 1) + (job.want === "inverse" ? 1 : 0);
  await withTeam(run, (parts * job.n ** 3) / 3, parts * pairs, (team) => new Sweep(team, job, panels).all());
}

class Sweep {
  readonly #team: Team;
  readonly #job: Elimination;
  readonly #panels: Range[];
  /** Panels of the factor, then those of its inverse, for whoever waits for them. */
  readonly #factors: Promised[];
  readonly #inverses: Promised[];

  constructor(team: Team, job: Elimination, panels: Range[]) {
    this.#team = team;
    this.#job = job;
    this.#panels = panels;
    this.#factors = team.promised(panels.length);
    this.#inverses = team.promised(panels.length);
  }

  async all(): Promise<void> {
    const { want } = this.#job;
    await this.#team.all(async (host) => {
      const own = this.#team.ownedBy(host, this.#panels.length);
      await this.#sweep(host, own);
      if (want === "inverse") await this.#square(host, own);
      if (want === "factor") return;
      for (const i of own) this.#job.keep(await this.#team.get(host, i), this.#panels[i]);
    });
  }

  /** Columns of panel i: from the diagonal on. */
  #right(i: number): Range {
    return { from: this.#panels[i].from, to: this.#job.n };
  }

  /** Where the panel that goes around lies beside the own ones. */
  get #guest(): number {
    return this.#panels.length;
  }

  async #sweep(host: number, own: number[]): Promise<void> {
    const { factor, want } = this.#job;
    const team = this.#team;
    if (factor) {
      for (const i of own) {
        const values = this.#job.rows(this.#panels[i]);
        await team.send(host, { do: "put", id: i, ...this.#shape(i), values });
      }
      if (own.includes(0)) await this.#factor(host, 0);
    }
    for (const k of this.#panels.keys()) {
      const values = factor ? await this.#factors[k].values : this.#job.rows(this.#panels[k]);
      await team.send(host, { do: "put", id: this.#guest, ...this.#shape(k), values });
      if (factor) {
        for (const i of own) {
          if (i <= k) continue;
          await this.#reduce(host, i, k);
          // At once, so that nobody waits for it.
          if (i === k + 1) await this.#factor(host, i);
        }
      }
      if (want === "factor") continue;
      for (const i of own) if (i <= k) await this.#carry(host, i, k);
    }
    await team.send(host, { do: "drop", ids: [this.#guest] });
  }

  #shape(i: number): { rows: number; cols: number } {
    return { rows: lengthOf(this.#panels[i]), cols: lengthOf(this.#right(i)) };
  }

  /** Factors a panel that everything before it was taken off, and hands it round. */
  async #factor(host: number, i: number): Promise<void> {
    const failed = await this.#team.send(host, { do: "factor", id: i }, 1);
    if (failed && "row" in failed) {
      const pivot = this.#panels[i].from + failed.row;
      throw new NotPositiveDefinite("The matrix", this.#job.nameOf?.(pivot) ?? pivot, failed.value);
    }
    const values = await this.#team.get(host, i);
    if (this.#job.want === "factor") {
      this.#job.keep(values, this.#panels[i]);
      await this.#team.send(host, { do: "drop", ids: [i] });
    }
    this.#factors[i].resolve(values);
  }

  /** Takes the factor's panel k off panel i, which comes after it. */
  async #reduce(host: number, i: number, k: number): Promise<void> {
    const col = this.#panels[i].from - this.#panels[k].from;
    const n = lengthOf(this.#right(i));
    const operands = { a: this.#guest, aCol: col, b: this.#guest, bCol: col };
    await this.#team.send(host, { do: "update", form: "tn", c: i, cCol: 0, ...operands, n, subtract: true }, 1);
  }

  /** Makes columns k of the inverse's panel i, and takes the factor's panel k off those after them. */
  async #carry(host: number, i: number, k: number): Promise<void> {
    const team = this.#team;
    if (i === k) await team.send(host, { do: "zeros", id: i, ...this.#shape(i), identity: true });
    const col = this.#panels[k].from - this.#panels[i].from;
    const width = lengthOf(this.#panels[k]);
    const n = lengthOf(this.#right(k)) - width;
    await team.send(host, { do: "solveRight", t: i, col, u: this.#guest }, n > 0 ? 0 : 1);
    if (n === 0) return;
    const operands = { a: i, aCol: col, b: this.#guest, bCol: width };
    await team.send(host, { do: "update", form: "nn", c: i, cCol: col + width, ...operands, n, subtract: true }, 1);
  }

  /** W W^T of the inverse factor's panels, in the place of what is not needed of them any more. */
  async #square(host: number, own: number[]): Promise<void> {
    const team = this.#team;
    const offer = async (j: number) => {
      if (own.includes(j)) this.#inverses[j].resolve(await team.get(host, j));
    };
    await offer(0);
    for (const j of this.#panels.keys()) {
      if (j + 1 < this.#panels.length) await offer(j + 1);
      const values = await this.#inverses[j].values;
      await team.send(host, { do: "put", id: this.#guest, ...this.#shape(j), values });
      for (const i of own) {
        if (i > j) continue;
        const col = this.#panels[j].from - this.#panels[i].from;
        const { rows: n, cols: k } = this.#shape(j);
        const operands = { a: i, aCol: col, b: this.#guest, bCol: 0 };
        await team.send(host, { do: "update", form: "nt", c: i, cCol: col, ...operands, n, k, fresh: true }, 1);
      }
    }
  }
}
