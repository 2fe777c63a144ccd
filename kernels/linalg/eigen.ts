import { costs } from "./costs.ts";
import { type Dense, dense, mustBeFinite, mustBeSquare } from "./dense.ts";
import { lengthOf, part, type Range, rangesOf } from "./panels.ts";
import { implicitQl } from "./ql.ts";
import { mustFit, noPace, type Run } from "./run.ts";
import { type Team, withTeam } from "./team.ts";
import { tridiagonal } from "./tridiagonal.ts";

export interface Eigen {
  /** Ascending, as NumPy's `eigh` gives them. */
  values: Float64Array<ArrayBuffer>;
  /** Column i belongs to value i; a = vectors diag(values) vectors^T. */
  vectors: Dense;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix; its upper triangle is read. Householder's tridiagonal form and the
 * implicit QL iteration (Golub and Van Loan, Matrix Computations, 8.3), some 9 n^3 operations. The largest component
 * of every vector is positive. Throws ShapeError, NotFinite, MemoryBudgetError, NotConverged.
 */
export async function eigh(a: Dense, run: Run = {}): Promise<Eigen> {
  mustBeSquare(a, "Eigenvalues");
  const n = a.rows;
  mustFit(`Eigenvectors of a matrix of ${n} x ${n}`, costs.eigh(n).bytes, run);
  const { pace = noPace } = run;
  await mustBeFinite(a, "The symmetric matrix", () => pace(0, 3 * n), true);
  if (n === 0) return { values: new Float64Array(0), vectors: dense(0, 0) };
  return withTeam(run, costs.eigh(n).operations, 3 * n, async (team) => {
    const { diagonal, off, basis } = await tridiagonal(team, a);
    const strips = await rotate(team, diagonal, off, basis);
    return inOrder(diagonal, strips, () => pace(3 * n, 3 * n));
  });
}

/** Columns that are rotated at once: thousands of rows of them lie in the second cache. */
const STRIP = 16;
/** Operations of a command, about: 20 ms of one thread. */
const COMMAND = 2e8;

/** Some columns of eigenvectors that lie as rows. */
interface Strip {
  cols: Range;
  values: Float64Array;
}

/** Diagonalizes in place; returns the basis as the rotations turn its rows. Columns know nothing of each other. */
async function rotate(team: Team, diagonal: Float64Array, off: Float64Array, basis: Dense): Promise<Strip[]> {
  const n = basis.rows;
  const [all, strips] = [{ from: 0, to: n }, rangesOf(n, STRIP)];
  const own = team.hosts.map((_, host) => team.ownedBy(host, strips.length));
  await team.all(async (host) => {
    for (const i of own[host]) {
      const values = part(basis, all, strips[i]);
      await team.send(host, { do: "put", id: i, rows: n, cols: lengthOf(strips[i]), values });
    }
  });
  const share = Math.max(1, Math.ceil(strips.length / team.size)) * STRIP;
  const most = Math.max(1, Math.floor(COMMAND / (6 * share)));
  let stood = 0;
  const turn = async (rotations: Float64Array, at: number) => {
    const work = (at - stood) / team.size;
    stood = at;
    await team.all(async (host) => {
      if (own[host].length > 0) await team.send(host, { do: "rotate", ids: own[host], rotations }, work);
    });
  };
  let waiting: Float64Array[] = [];
  let count = 0;
  for (const { at, rotations } of implicitQl(diagonal, off)) {
    waiting.push(rotations);
    count += rotations.length / 3;
    if (count < most) continue;
    await turn(joined(waiting), at);
    [waiting, count] = [[], 0];
  }
  await turn(joined(waiting), n);
  const out = strips.map((cols): Strip => ({ cols, values: new Float64Array(0) }));
  await team.all(async (host) => {
    for (const i of own[host]) out[i].values = await team.get(host, i);
  });
  return out;
}

function joined(lists: Float64Array[]): Float64Array {
  const out = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    out.set(list, at);
    at += list.length;
  }
  return out;
}

/** Values ascending, each with its row as a column whose largest component is positive. */
async function inOrder(values: Float64Array<ArrayBuffer>, strips: Strip[], look: () => Promise<void>): Promise<Eigen> {
  const n = values.length;
  const order = Array.from(values.keys()).sort((i, j) => values[i] - values[j] || i - j);
  const vectors = dense(n, n);
  const largest = new Float64Array(n);
  for (const { cols, values: strip } of strips) {
    await look();
    const width = lengthOf(cols);
    for (let c = 0; c < width; c++) {
      const at = (cols.from + c) * n;
      for (let i = 0; i < n; i++) {
        const x = strip[order[i] * width + c];
        vectors.values[at + i] = x;
        if (Math.abs(x) > Math.abs(largest[i])) largest[i] = x;
      }
    }
  }
  for (let r = 0; r < n; r++) {
    if (r % 256 === 0) await look();
    const row = vectors.values.subarray(r * n, (r + 1) * n);
    for (let i = 0; i < n; i++) if (largest[i] < 0) row[i] = -row[i];
  }
  return { values: Float64Array.from(order, (i) => values[i]), vectors };
}
