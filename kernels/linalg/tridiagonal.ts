/**
 * Householder's tridiagonal form of a symmetric matrix over row panels: in blocks of columns, of which every machine
 * multiplies its rows by each reflector, and takes off what a block did to the rest at once (Dongarra, Hammarling and
 * Sorensen, J. Comput. Appl. Math. 27, 1989; LAPACK's dsytrd).
 */
import { type Dense, dense, transposed } from "./dense.ts";
import { accumulate, panelHeight, type Reflectors } from "./householder.ts";
import { lengthOf, place, type Range, rangesOf, symmetricRows } from "./panels.ts";
import { multiply } from "./product.ts";
import { reflector } from "./reflector.ts";
import type { Team } from "./team.ts";

/** Columns of a block. */
const BLOCK = 32;

export interface Tridiagonal {
  diagonal: Float64Array<ArrayBuffer>;
  /** off[i] stands between i and i + 1. */
  off: Float64Array<ArrayBuffer>;
  /** Rows are orthonormal: basis a basis^T is tridiagonal. */
  basis: Dense;
}

/** The tridiagonal form of a symmetric matrix, whose upper triangle is read. Adds twice its rows to what is done. */
export function tridiagonal(team: Team, a: Dense): Promise<Tridiagonal> {
  return new Reduction(team, a).all();
}

class Reduction {
  readonly #team: Team;
  readonly #n: number;
  readonly #matrix: Dense;
  readonly #panels: Range[];
  readonly #diagonal: Float64Array<ArrayBuffer>;
  readonly #off: Float64Array<ArrayBuffer>;
  /** Reflectors as rows, 1 at the column after their number. */
  readonly #reflectors: Dense;
  readonly #taus: Float64Array<ArrayBuffer>;

  constructor(team: Team, a: Dense) {
    const n = a.rows;
    this.#team = team;
    this.#n = n;
    this.#matrix = a;
    this.#panels = rangesOf(n, panelHeight(n));
    this.#diagonal = new Float64Array(n);
    this.#off = new Float64Array(n);
    this.#reflectors = dense(n, n);
    this.#taus = new Float64Array(n);
  }

  async all(): Promise<Tridiagonal> {
    const [team, n] = [this.#team, this.#n];
    await team.all(async (host) => {
      for (const i of team.ownedBy(host, this.#panels.length)) {
        const { from, to } = this.#panels[i];
        const values = symmetricRows(this.#matrix, this.#panels[i]);
        await team.send(host, { do: "put", id: i, rows: to - from, cols: n, values });
      }
    });
    for (let k0 = 0; k0 < n; k0 += BLOCK) await this.#block(k0, Math.min(n, k0 + BLOCK));
    await team.all((host) => team.send(host, { do: "drop", ids: Array.from(this.#panels.keys()) }).then(() => {}));
    const basis = dense(n, n);
    const keep = (values: Float64Array, range: Range) => place(values, basis, range, { from: 0, to: n });
    const panels = this.#panels;
    const made = panels.map(() => null as Promise<Reflectors> | null);
    const reflectors = (k: number) => {
      made[k] ??= this.#joined(panels[k]);
      return made[k];
    };
    // Every panel is reflected by those up to it.
    const work = (2 * n) / (panels.length * (panels.length + 1));
    await team.all((host) => accumulate(team, host, { panels, reflectors, cols: n, keep, work }));
    return { diagonal: this.#diagonal, off: this.#off, basis };
  }

  /** Columns k0 .. k1, and what they do to the rest. */
  async #block(k0: number, k1: number): Promise<void> {
    const n = this.#n;
    // Rows are v and w of this block: the matrix is what the machines have, less v^T w + w^T v.
    const [v, w] = [dense(BLOCK, n), dense(BLOCK, n)];
    const row = (m: Dense, j: number) => m.values.subarray(j * n, (j + 1) * n);
    for (let k = k0; k < k1; k++) {
      const column = await this.#row(k);
      for (let j = 0; j < k - k0; j++) {
        const [vj, wj] = [row(v, j), row(w, j)];
        const [vk, wk] = [vj[k], wj[k]];
        for (let i = k; i < n; i++) column[i] -= vk * wj[i] + wk * vj[i];
      }
      this.#diagonal[k] = column[k];
      if (k + 1 === n) return;
      const tau = reflector(column, k + 1);
      this.#taus[k] = tau;
      this.#off[k] = column[k + 1];
      const vk = row(v, k - k0);
      vk[k + 1] = 1;
      for (let i = k + 2; i < n; i++) vk[i] = column[i];
      row(this.#reflectors, k).set(vk);
      if (tau === 0) {
        vk.fill(0);
        continue;
      }
      const wk = row(w, k - k0);
      wk.set(await this.#times(vk, k + 1));
      for (let j = 0; j < k - k0; j++) {
        const [vj, wj] = [row(v, j), row(w, j)];
        const [vShare, wShare] = [dot(vj, vk, k + 1), dot(wj, vk, k + 1)];
        for (let i = k + 1; i < n; i++) wk[i] -= vj[i] * wShare + wj[i] * vShare;
      }
      for (let i = k + 1; i < n; i++) wk[i] *= tau;
      const share = (tau / 2) * dot(wk, vk, k + 1);
      for (let i = k + 1; i < n; i++) wk[i] -= share * vk[i];
    }
    await this.#update(v, w, k1);
  }

  async #row(k: number): Promise<Float64Array<ArrayBuffer>> {
    const panel = this.#panels.findIndex(({ to }) => k < to);
    const host = this.#team.owner(panel);
    const { from } = this.#panels[panel];
    const command = { do: "get", id: panel, row: k - from } as const;
    return (await this.#team.send(host, command, 1)) as Float64Array<ArrayBuffer>;
  }

  /** The machines' matrix times v, both from element `from` on. */
  async #times(v: Float64Array, from: number): Promise<Float64Array<ArrayBuffer>> {
    const out = new Float64Array(this.#n);
    const col = from - (from % 4);
    const x = v.slice();
    await this.#team.all(async (host) => {
      const ids = this.#from(host, from);
      if (ids.length === 0) return;
      const sums = (await this.#team.send(host, { do: "dots", ids, col, x })) as Float64Array;
      let at = 0;
      for (const i of ids) {
        const range = this.#panels[i];
        out.set(sums.subarray(at, at + lengthOf(range)), range.from);
        at += lengthOf(range);
      }
    });
    out.fill(0, 0, from);
    return out;
  }

  /** A machine's panels that reach to row `from` or beyond. */
  #from(host: number, from: number): number[] {
    return this.#team.ownedBy(host, this.#panels.length).filter((i) => this.#panels[i].to > from);
  }

  /** Takes v^T w + w^T v off the rows and columns from `from` on. */
  async #update(v: Dense, w: Dense, from: number): Promise<void> {
    const n = this.#n;
    const col = from - (from % 4);
    if (col >= n) return;
    // [v; w] and [w; v] by columns of the matrix.
    const joined = (a: Dense, b: Dense) => {
      const out = dense(2 * BLOCK, n);
      out.values.set(a.values);
      out.values.set(b.values, BLOCK * n);
      return transposed(out);
    };
    const [left, right] = [joined(v, w), joined(w, v)];
    const cols = 2 * BLOCK;
    const [a, b] = [this.#panels.length, this.#panels.length + 1];
    await this.#team.all(async (host) => {
      const values = right.values.subarray(col * cols);
      await this.#team.send(host, { do: "put", id: b, rows: n - col, cols, values });
      for (const i of this.#from(host, from)) {
        const { from: r0, to: r1 } = this.#panels[i];
        const part = left.values.subarray(r0 * cols, r1 * cols);
        await this.#team.send(host, { do: "put", id: a, rows: r1 - r0, cols, values: part });
        const operands = { a, aCol: 0, b, bCol: 0, n: n - col, k: cols, subtract: true };
        await this.#team.send(host, { do: "update", form: "nt", c: i, cCol: col, ...operands });
      }
    });
  }

  /** The reflectors of a panel's columns, and their triangle. */
  async #joined({ from, to }: Range): Promise<Reflectors> {
    const [n, rows] = [this.#n, to - from];
    const v = dense(rows, n - from);
    for (let r = 0; r < rows; r++) {
      v.values.set(this.#reflectors.values.subarray((from + r) * n + from, (from + r + 1) * n), r * (n - from));
    }
    const shares = (await multiply(v, v, { transposeB: true }, { pool: null })).values;
    const t = new Float64Array(rows * rows);
    for (let i = 0; i < rows; i++) {
      const tau = this.#taus[from + i];
      t[i * rows + i] = tau;
      for (let r = 0; r < i; r++) {
        let sum = 0;
        for (let k = r; k < i; k++) sum += t[r * rows + k] * shares[k * rows + i];
        t[r * rows + i] = -tau * sum;
      }
    }
    return { v: v.values, t };
  }
}

function dot(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
