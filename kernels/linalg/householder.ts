/**
 * Householder QR over panels of columns, which lie as rows: a panel that was made into reflectors goes to every machine,
 * which reflects the panels after it; then the reflectors, from the last to the first, make the basis of the identity.
 */
import { PANEL } from "./commands.ts";
import { type Dense, dense } from "./dense.ts";
import { lengthOf, part, place, type Range, rangesOf } from "./panels.ts";
import type { Promised, Team } from "./team.ts";

/** Operations of a command, about: 20 ms of one thread. */
const COMMAND = 5e8;

/** Columns of a panel: fewer where they are long, so that a command does not take longer. Depends on the shape alone. */
export function panelHeight(length: number): number {
  const height = Math.floor(Math.sqrt(COMMAND / (4 * Math.max(1, length))) / 16) * 16;
  return Math.max(16, Math.min(PANEL, height));
}

/** A panel's reflectors, whole, from the column of its first row's number on, and their triangle. */
export interface Reflectors {
  v: Float64Array<ArrayBuffer>;
  t: Float64Array<ArrayBuffer>;
}

export interface Columns {
  /** So many columns, of that length. */
  n: number;
  m: number;
  /** Some of them, as rows. */
  columns(range: Range): Float64Array<ArrayBuffer>;
  /** Takes some vectors of the basis, as rows. */
  keep(values: Float64Array, range: Range): void;
  /** What a command adds to what is done. */
  work: number;
}

/**
 * An orthonormal basis of k vectors, the smaller of n and m, and the triangle (k x n) that is returned: column j is the sum
 * over i of triangle[i, j] times vector i.
 */
export const factorColumns = (team: Team, columns: Columns): Promise<Dense> => new Factorization(team, columns).all();

export interface Factored {
  /** Vectors as rows. */
  basis: Dense;
  triangle: Dense;
}

/** The same of columns that lie as rows. */
export async function factorRows(team: Team, rows: Dense): Promise<Factored> {
  const [n, m] = [rows.rows, rows.cols];
  const basis = dense(Math.min(n, m), m);
  const all = { from: 0, to: m };
  const triangle = await factorColumns(team, {
    n,
    m,
    columns: (range) => part(rows, range, all),
    keep: (values, range) => place(values, basis, range, all),
    work: 0,
  });
  return { basis, triangle };
}

class Factorization {
  readonly #team: Team;
  readonly #columns: Columns;
  readonly #k: number;
  /** Panels that become reflectors, then panels that are reflected alone. */
  readonly #panels: Range[];
  readonly #leading: number;
  readonly #triangle: Dense;
  readonly #vs: Promised[];
  readonly #ts: Promised[];

  constructor(team: Team, columns: Columns) {
    const { n, m } = columns;
    const height = panelHeight(m);
    this.#team = team;
    this.#columns = columns;
    this.#k = Math.min(n, m);
    const leading = rangesOf(this.#k, height);
    const following = rangesOf(n - this.#k, height).map(({ from, to }) => ({ from: from + this.#k, to: to + this.#k }));
    this.#panels = [...leading, ...following];
    this.#leading = leading.length;
    this.#triangle = dense(this.#k, n);
    this.#vs = team.promised(this.#leading);
    this.#ts = team.promised(this.#leading);
  }

  async all(): Promise<Dense> {
    const { m, keep, work } = this.#columns;
    await this.#team.all(async (host) => {
      await this.#factor(host);
      await accumulate(this.#team, host, {
        panels: this.#panels.slice(0, this.#leading),
        reflectors: (k) => this.#reflectors(k),
        ...{ cols: m, keep, work },
      });
    });
    return this.#triangle;
  }

  async #reflectors(k: number): Promise<Reflectors> {
    return { v: await this.#vs[k].values, t: await this.#ts[k].values };
  }

  get #guest(): Guest {
    return { v: this.#panels.length, t: this.#panels.length + 1 };
  }

  #shape(i: number): { rows: number; cols: number } {
    return { rows: lengthOf(this.#panels[i]), cols: this.#columns.m };
  }

  async #factor(host: number): Promise<void> {
    const team = this.#team;
    const own = team.ownedBy(host, this.#panels.length);
    for (const i of own) {
      const values = this.#columns.columns(this.#panels[i]);
      await team.send(host, { do: "put", id: i, ...this.#shape(i), values });
    }
    if (own.includes(0)) await this.#reflect(host, 0);
    for (let k = 0; k < this.#leading; k++) {
      if (!own.some((i) => i > k)) break;
      await receive(team, host, await this.#reflectors(k), this.#guest, false);
      for (const i of own) {
        if (i <= k) continue;
        await team.send(
          host,
          { do: "reflected", c: i, cCol: this.#panels[k].from, ...this.#guest },
          this.#columns.work,
        );
        if (i === k + 1 && i < this.#leading) await this.#reflect(host, i);
      }
    }
    for (const i of own) {
      if (i < this.#leading) continue;
      this.#keepTriangle(i, await team.get(host, i));
      await team.send(host, { do: "drop", ids: [i] });
    }
  }

  /** Makes reflectors of a panel that everything before it has reflected, and hands them round. */
  async #reflect(host: number, i: number): Promise<void> {
    const team = this.#team;
    const { from } = this.#panels[i];
    // Not where a guest's lies, which is still needed.
    const own = this.#panels.length + 2;
    await team.send(host, { do: "reflect", id: i, col: from, t: own }, this.#columns.work);
    const values = await team.get(host, i);
    const t = await team.get(host, own);
    await team.send(host, { do: "drop", ids: [i, own] });
    this.#keepTriangle(i, values);
    const { rows, cols } = this.#shape(i);
    const width = cols - from;
    const v = new Float64Array(rows * width);
    for (let r = 0; r < rows; r++) {
      v[r * width + r] = 1;
      v.set(values.subarray(r * cols + from + r + 1, (r + 1) * cols), r * width + r + 1);
    }
    this.#vs[i].resolve(v);
    this.#ts[i].resolve(t);
  }

  /** Rows of a panel hold columns of the triangle, as far as that goes down. */
  #keepTriangle(i: number, values: Float64Array): void {
    const { from, to } = this.#panels[i];
    const { rows: k, cols: n, values: triangle } = this.#triangle;
    const { m } = this.#columns;
    for (let j = from; j < to; j++) {
      for (let r = 0; r < Math.min(j + 1, k); r++) triangle[r * n + j] = values[(j - from) * m + r];
    }
  }
}

/** Puts reflectors where the guests lie, and their triangle, turned where they are to be undone. */
async function receive(team: Team, host: number, { v, t }: Reflectors, guest: Guest, turned: boolean): Promise<void> {
  const rows = Math.sqrt(t.length);
  const all = { from: 0, to: rows };
  await team.send(host, { do: "put", id: guest.v, rows, cols: v.length / rows, values: v });
  const values = part(dense(rows, rows, t), all, all, turned);
  await team.send(host, { do: "put", id: guest.t, rows, cols: rows, values });
}

/** Numbers of the panels in which reflectors and their triangle lie that go around. */
interface Guest {
  v: number;
  t: number;
}

/**
 * One machine's part of the basis that reflectors make of the unit rows, the last reflectors first: rows in panels, of the
 * length `cols`. Those of panel k leave the rows before it as they are.
 */
export async function accumulate(
  team: Team,
  host: number,
  { panels, reflectors, cols, keep, work }: Accumulation,
): Promise<void> {
  const own = team.ownedBy(host, panels.length);
  const guest = { v: panels.length, t: panels.length + 1 };
  for (const i of own) {
    const { from } = panels[i];
    await team.send(host, { do: "zeros", id: i, rows: lengthOf(panels[i]), cols, identity: true, col: from });
  }
  for (let k = panels.length - 1; k >= 0; k--) {
    if (!own.some((i) => i >= k)) continue;
    await receive(team, host, await reflectors(k), guest, true);
    for (const i of own) {
      if (i >= k) await team.send(host, { do: "reflected", c: i, cCol: panels[k].from, ...guest }, work);
    }
  }
  for (const i of own) keep(await team.get(host, i), panels[i]);
  await team.send(host, { do: "drop", ids: [...own, guest.v, guest.t] });
}

export interface Accumulation {
  panels: Range[];
  reflectors(k: number): Promise<Reflectors>;
  /** The length of the basis's rows. */
  cols: number;
  /** Takes rows of the basis. */
  keep(values: Float64Array, range: Range): void;
  /** What a command adds to what is done. */
  work: number;
}
