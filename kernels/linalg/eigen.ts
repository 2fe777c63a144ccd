import { type Dense, dense, mirrorUpper, mustBeFinite, mustBeSquare, transposed } from "./dense.ts";
import { lengthOf, part, place, rangesOf } from "./panels.ts";
import { implicitQl } from "./ql.ts";
import { matrixBytes, mustFit, type Run } from "./run.ts";
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
  mustFit(`Eigenvectors of a matrix of ${n} x ${n}`, matrixBytes(n, n, 5), run);
  mustBeFinite(a, "The symmetric matrix");
  if (n === 0) return { values: new Float64Array(0), vectors: dense(0, 0) };
  const whole = dense(n, n, a.values.slice());
  mirrorUpper(whole);
  return withTeam(run, 9 * n ** 3, 3 * n, async (team) => {
    const { diagonal, off, basis } = await tridiagonal(team, whole);
    const vectors = await rotate(team, diagonal, off, basis);
    return inOrder(diagonal, vectors);
  });
}

/** Columns that are rotated at once: thousands of rows of them lie in the second cache. */
const STRIP = 16;
/** Operations of a command, about: 20 ms of one thread. */
const COMMAND = 2e8;

/** Diagonalizes in place; returns the rows of the basis as the rotations turn them. Columns know nothing of each other. */
async function rotate(team: Team, diagonal: Float64Array, off: Float64Array, basis: Dense): Promise<Dense> {
  const n = basis.rows;
  const out = dense(n, n);
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
  await team.all(async (host) => {
    for (const i of own[host]) place(await team.get(host, i), out, all, strips[i]);
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
function inOrder(values: Float64Array<ArrayBuffer>, rows: Dense): Eigen {
  const n = rows.rows;
  const order = Array.from(values.keys()).sort((i, j) => values[i] - values[j] || i - j);
  const sorted = dense(n, n);
  order.forEach((from, to) => {
    const vector = rows.values.subarray(from * n, (from + 1) * n);
    let largest = 0;
    for (const x of vector) if (Math.abs(x) > Math.abs(largest)) largest = x;
    for (let i = 0; i < n; i++) sorted.values[to * n + i] = largest < 0 ? -vector[i] : vector[i];
  });
  return { values: Float64Array.from(order, (i) => values[i]), vectors: transposed(sorted) };
}
