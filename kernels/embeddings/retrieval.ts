/**
 * Whether vectors still find their neighbours once they are quantized: recall@k against the exact search over the vectors as they are, and
 * the correlation of ranks. Every vector of the table is a candidate; queries are rows drawn from it by a seed, each without itself.
 */
import { denseRows } from "../linalg/dense.ts";
import { type Dense, multiply, type Run } from "../linalg/index.ts";
import { uniformDraw } from "../random/normal.ts";
import { spearman } from "../signals/rank.ts";
import { pieces, type Vectors } from "./sources.ts";

/** What near means: the cosine of the angle, the inner product, or the Euclidean distance. */
export const NEARNESS = ["cosine", "dot", "distance"] as const;
export type Nearness = (typeof NEARNESS)[number];

export interface RetrievalOptions {
  by: Nearness;
  /** How many neighbours are compared, each a figure. */
  k: readonly number[];
  /** Queries that are drawn; all rows where there are fewer. */
  queries: number;
  seed: number;
  /** Whether a query is quantized as the table is; else only the table is. */
  quantizedQueries: boolean;
}

export interface RetrievalFigures {
  /** Share of a query's k nearest that are among the k nearest in the quantized table, mean over queries; and its standard error. */
  recall: { k: number; mean: number; standardError: number | null }[];
  /** Spearman's correlation of the similarities to candidates (at most CANDIDATES of them, drawn by the seed), mean over queries. */
  rankCorrelation: number | null;
  queries: number;
  /** Vectors without a direction, or not finite, before or after: candidates of nothing. */
  leftOut: number;
}

const CANDIDATES = 2000;
/** Similarities held at once, before and after: 64 MB each. Few queries at a time meet a large table. */
const HELD = 2 ** 23;
const [QUERY_STREAM, CANDIDATE_STREAM] = [1024, 1025];

/** So many of n places, drawn without replacement by a seed, ascending. */
export function drawn(n: number, count: number, seed: number, stream: number): number[] {
  if (count >= n) return Array.from({ length: n }, (_, i) => i);
  const keyed = Array.from({ length: n }, (_, i) => ({ i, key: uniformDraw(seed, stream, i) }));
  keyed.sort((a, b) => a.key - b.key || a.i - b.i);
  return keyed
    .slice(0, count)
    .map(({ i }) => i)
    .sort((a, b) => a - b);
}

/** Squared lengths of rows. */
function squares(values: Float32Array, cols: number): Float64Array {
  const out = new Float64Array(values.length / cols);
  for (let i = 0; i < values.length; i++) out[Math.floor(i / cols)] += values[i] * values[i];
  return out;
}

/** Similarities of queries to all vectors, queries x vectors, larger is nearer; NaN for a vector that has none. */
async function similarities(queries: Float32Array, vectors: Vectors, by: Nearness, run: Run): Promise<Dense> {
  const { rows, cols } = vectors;
  const q = denseRows(queries, cols);
  const own = squares(queries, cols);
  const out: Dense = { rows: q.rows, cols: rows, values: new Float64Array(q.rows * rows) };
  for await (const { from, values } of pieces(vectors)) {
    const lengths = squares(values, cols);
    const product = await multiply(q, denseRows(values, cols), { transposeB: true }, run);
    for (let r = 0; r < q.rows; r++) {
      for (let c = 0; c < product.cols; c++) {
        const dot = product.values[r * product.cols + c];
        const near =
          by === "dot" ? dot : by === "distance" ? 2 * dot - lengths[c] - own[r] : dot / Math.sqrt(lengths[c] * own[r]);
        out.values[r * rows + from + c] = near;
      }
    }
  }
  return out;
}

/** The k nearest of a row of similarities, without `self`: the larger first, then the earlier. */
function nearest(row: Float64Array, self: number, k: number, out: ReadonlySet<number>): number[] {
  const best: number[] = [];
  for (let i = 0; i < row.length; i++) {
    if (i === self || out.has(i) || (best.length === k && !(row[i] > row[best[k - 1]]))) continue;
    let at = best.length;
    while (at > 0 && row[i] > row[best[at - 1]]) at--;
    best.splice(at, 0, i);
    if (best.length > k) best.pop();
  }
  return best;
}

async function rowsAt(vectors: Vectors, places: readonly number[]): Promise<Float32Array> {
  const out = new Float32Array(places.length * vectors.cols);
  for (const [i, row] of places.entries()) out.set(await vectors.read(row, row + 1), i * vectors.cols);
  return out;
}

/** Vectors of a table that cannot be candidates. */
async function without(vectors: Vectors, by: Nearness, out: Set<number>): Promise<void> {
  for await (const { from, values } of pieces(vectors)) {
    for (const [i, square] of squares(values, vectors.cols).entries()) {
      if (!Number.isFinite(square) || (by === "cosine" && square === 0)) out.add(from + i);
    }
  }
}

/** How a search stays reachable, and tells how many of its queries are answered. */
export interface RetrievalRun extends Run {
  told?(done: number, total: number): void;
}

/**
 * Compares a table of vectors with what became of it: the same rows, perhaps of fewer columns. Throws RangeError where no query or no
 * neighbour is left; rejects as the sources and `run` do.
 */
export async function measureRetrieval(
  original: Vectors,
  quantized: Vectors,
  options: RetrievalOptions,
  run: RetrievalRun = {},
): Promise<RetrievalFigures> {
  const { by, k, seed } = options;
  const reduced = quantized.cols !== original.cols;
  if (reduced && !options.quantizedQueries)
    throw new RangeError("queries have more columns than the table that they search");
  const out = new Set<number>();
  await without(original, by, out);
  await without(quantized, by, out);
  const most = Math.max(...k);
  const left = original.rows - out.size;
  if (left <= most) {
    throw new RangeError(`${most} neighbours are asked for, and ${left} vectors of ${original.rows} can be compared`);
  }
  const places = drawn(original.rows, options.queries, seed, QUERY_STREAM).filter((row) => !out.has(row));
  if (places.length === 0) throw new RangeError("none of the queries that were drawn has a direction");
  const candidates = drawn(original.rows, CANDIDATES, seed, CANDIDATE_STREAM).filter((row) => !out.has(row));
  const shares = k.map(() => [] as number[]);
  const correlations: number[] = [];
  const step = Math.max(1, Math.floor(HELD / original.rows));
  for (let from = 0; from < places.length; from += step) {
    const asking = places.slice(from, from + step);
    const before = await similarities(await rowsAt(original, asking), original, by, run);
    const asked = await rowsAt(options.quantizedQueries ? quantized : original, asking);
    const after = await similarities(asked, quantized, by, run);
    for (const [q, self] of asking.entries()) {
      const [was, is] = [before, after].map(({ values, cols }) => values.subarray(q * cols, (q + 1) * cols));
      const [wanted, found] = [nearest(was, self, most, out), nearest(is, self, most, out)];
      for (const [i, count] of k.entries()) {
        const among = new Set(found.slice(0, count));
        shares[i].push(wanted.slice(0, count).filter((row) => among.has(row)).length / count);
      }
      const others = candidates.filter((row) => row !== self);
      const pick = (row: Float64Array) => Float64Array.from(others, (i) => row[i]);
      const correlation = spearman(pick(was), pick(is)).value;
      if (correlation !== null) correlations.push(correlation);
      run.told?.(from + q + 1, places.length);
      await run.pace?.(from + q + 1, places.length);
    }
  }
  return {
    recall: k.map((count, i) => ({ k: count, ...meanOf(shares[i]) })),
    rankCorrelation: correlations.length > 0 ? meanOf(correlations).mean : null,
    queries: places.length,
    leftOut: out.size,
  };
}

function meanOf(shares: readonly number[]): { mean: number; standardError: number | null } {
  const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
  const spread = shares.reduce((a, b) => a + (b - mean) ** 2, 0);
  const n = shares.length;
  return { mean, standardError: n > 1 ? Math.sqrt(spread / (n - 1) / n) : null };
}
