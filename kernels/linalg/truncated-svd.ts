import { threefry2x32 } from "../random/threefry.ts";
import { costs } from "./costs.ts";
import { type Dense, dense, mustBeFinite, transposed } from "./dense.ts";
import { type Factored, factorRows } from "./householder.ts";
import { jacobiRows, rowNorms } from "./jacobi.ts";
import { lengthOf, part, place, type Range, rangesOf } from "./panels.ts";
import { multiply } from "./product.ts";
import { mustFit, noPace, type Run } from "./run.ts";
import { type Team, withTeam } from "./team.ts";

export interface TruncatedSvd {
  /** Descending. */
  singular: Float64Array<ArrayBuffer>;
  /** rows x rank and rank x cols: the matrix is about left diag(singular) right. */
  left: Dense;
  right: Dense;
}

export interface TruncatedRun extends Run {
  /** Rounds, each a product with the matrix and one with its transpose, at the most; 30 where it is not said. */
  rounds?: number;
}

/** Extra directions, which make the wanted ones come out sooner. */
const EXTRA = 8;
const MOST_ROUNDS = 30;
/** Singular values that move less than this share between two rounds have come out. */
const SETTLED = 1e-9;

/**
 * The `rank` largest singular values of a matrix with their vectors; fewer where the matrix is smaller. Randomised subspace
 * iteration (Halko, Martinsson and Tropp, SIAM Review 53, 2011, algorithm 4.4) from a start drawn by a fixed seed, until
 * singular values move no more or the rounds are over; vectors of singular values that are zero are zeros. `pace` is told
 * rounds. Throws NotFinite, MemoryBudgetError.
 */
export async function truncatedSvd(matrix: Dense, rank: number, run: TruncatedRun = {}): Promise<TruncatedSvd> {
  const { rows, cols } = matrix;
  const { rounds = MOST_ROUNDS } = run;
  const wanted = Math.min(rank, rows, cols);
  const width = Math.min(wanted + EXTRA, rows, cols);
  const { bytes, operations } = costs.truncatedSvd(rows, cols, width, rounds);
  mustFit(`Singular vectors of ${rows} x ${cols}`, bytes, run);
  const { pace = noPace } = run;
  await mustBeFinite(matrix, "The matrix to decompose", () => pace(0, rounds));
  if (wanted === 0) return { singular: new Float64Array(0), left: dense(rows, 0), right: dense(0, cols) };
  return withTeam(run, operations, rounds, async (team) => {
    const sides = new Sides(team, matrix, width);
    await sides.load();
    const first = await start(width, cols, () => pace(0, rounds));
    const basis = await iterate(team, sides, first, wanted, rounds);
    const image = await sides.across(basis);
    // What is left is short, and told as the end of the rounds.
    const rest: Run = { pool: null, pace: async () => run.pace?.(rounds, rounds) };
    return finish(await factorRows(team, image), basis, wanted, rest);
  });
}

/** Rows of numbers between -1 and 1. */
async function start(width: number, cols: number, look: () => Promise<void>): Promise<Dense> {
  const basis = dense(width, cols);
  const word = new Uint32Array(2);
  for (let i = 0; i < basis.values.length; i++) {
    if (i % 4096 === 0) await look();
    threefry2x32(0x5eed, 0x57d, i, 0, word);
    basis.values[i] = word[0] / 2 ** 31 - 1;
  }
  return basis;
}

/** Orthonormal directions among the columns, as rows. */
async function iterate(team: Team, sides: Sides, first: Dense, wanted: number, rounds: number): Promise<Dense> {
  let { basis } = await factorRows(team, first);
  let singular = new Float64Array(basis.rows);
  for (let round = 0; round < rounds; round++) {
    const across = (await factorRows(team, await sides.across(basis))).basis;
    const image = await sides.back(across);
    const norms = rowNorms(image).sort().reverse();
    basis = (await factorRows(team, image)).basis;
    if (norms.every((s, i) => i >= wanted || Math.abs(s - singular[i]) <= SETTLED * norms[0])) break;
    singular = norms;
  }
  return basis;
}

/** Turns the basis into singular vectors: what it goes to has orthogonal rows then. */
async function finish(image: Factored, basis: Dense, wanted: number, run: Run): Promise<TruncatedSvd> {
  // The image is triangle^T times its own basis: a small matrix is left.
  const { orthogonal: small, turns } = await jacobiRows(transposed(image.triangle), run);
  const norms = rowNorms(small);
  const order = Array.from(norms.keys())
    .sort((a, b) => norms[b] - norms[a] || a - b)
    .slice(0, wanted);
  const pick = (m: Dense, scale: (i: number) => number) => {
    const out = dense(wanted, m.cols);
    order.forEach((from, to) => {
      for (let c = 0; c < m.cols; c++) out.values[to * m.cols + c] = m.values[from * m.cols + c] * scale(from);
    });
    return out;
  };
  const left = await multiply(
    pick(small, (i) => (norms[i] > 0 ? 1 / norms[i] : 0)),
    image.basis,
    {},
    run,
  );
  const right = await multiply(
    pick(turns, (i) => (norms[i] > 0 ? 1 : 0)),
    basis,
    {},
    run,
  );
  return { singular: Float64Array.from(order, (i) => norms[i]), left: transposed(left), right };
}

/** Operations of a command, about: 10 ms of one thread. */
const COMMAND = 2e8;

/** Rows of the matrix, or of its transpose, that a machine multiplies at once. */
function heightOf(length: number, width: number): number {
  return Math.max(16, Math.min(256, Math.floor(COMMAND / (8 * length * width)) * 4));
}

/** The matrix and its transpose, spread over the machines in panels of rows. */
class Sides {
  readonly #team: Team;
  readonly #matrix: Dense;
  readonly #rows: Range[];
  readonly #cols: Range[];
  readonly #base: number;

  constructor(team: Team, matrix: Dense, width: number) {
    this.#team = team;
    this.#matrix = matrix;
    this.#rows = rangesOf(matrix.rows, heightOf(matrix.cols, width));
    this.#cols = rangesOf(matrix.cols, heightOf(matrix.rows, width));
    // Numbers beyond those that `factorRows` gives its panels.
    this.#base = 1e6;
  }

  async load(): Promise<void> {
    const { rows, cols } = this.#matrix;
    await this.#team.all(async (host) => {
      for (const [side, ranges, length] of [
        [0, this.#rows, cols],
        [1, this.#cols, rows],
      ] as const) {
        for (const i of this.#team.ownedBy(host, ranges.length)) {
          const values = part(this.#matrix, ranges[i], { from: 0, to: length }, side === 1);
          const id = this.#id(side, i);
          await this.#team.send(host, { do: "put", id, rows: lengthOf(ranges[i]), cols: length, values });
        }
      }
    });
  }

  /** basis a^T: rows of length `rows` from rows of length `cols`. */
  across(basis: Dense): Promise<Dense> {
    return this.#times(0, this.#rows, basis);
  }

  /** basis a. */
  back(basis: Dense): Promise<Dense> {
    return this.#times(1, this.#cols, basis);
  }

  #id(side: number, i: number): number {
    return this.#base + 2 * i + side;
  }

  async #times(side: number, ranges: Range[], basis: Dense): Promise<Dense> {
    const columns = transposed(basis);
    const n = basis.rows;
    const out = dense(ranges.at(-1)!.to, n);
    const [into, right] = [this.#base - 2, this.#base - 1];
    await this.#team.all(async (host) => {
      await this.#team.send(host, { do: "put", id: right, ...columns });
      for (const i of this.#team.ownedBy(host, ranges.length)) {
        await this.#team.send(host, { do: "zeros", id: into, rows: lengthOf(ranges[i]), cols: n });
        const operands = { a: this.#id(side, i), aCol: 0, b: right, bCol: 0 };
        const work = 1 / (this.#rows.length + this.#cols.length);
        await this.#team.send(host, { do: "update", form: "nn", c: into, cCol: 0, ...operands, n }, work);
        place(await this.#team.get(host, into), out, ranges[i], { from: 0, to: n });
      }
    });
    return transposed(out);
  }
}
