import type { Calibration } from "../../calibration/types.ts";
import { type Dense, dense, multiply } from "../../linalg/index.ts";
import type { CodedMatrix, CodeJob } from "../../plan/code.ts";
import { F16 } from "../../steps/side.ts";
import type { Matrix, SideTensor } from "../../steps/step.ts";
import type { WorkOf } from "../code.ts";
import { allFinite } from "../vector/columns.ts";
import { largerThanData } from "../vector/encode.ts";
import type { AdditiveCode } from "./plan.ts";
import { PACED, residualBooks } from "./residual.ts";
import { BookSearch } from "./search.ts";

/** Added to the Gram matrix's diagonal, as a share of its mean. */
const DAMP = 0.01;
/** Books are moved so often a round, by the best step in the direction that each vector of a book would take by itself. */
const MOVES = 3;
/** Vectors, and values, between two looks at whoever may cancel. */
const [VECTORS_PACED, VALUES_PACED] = [2 ** 15, 2 ** 20];

/** A matrix on its way to sums of book vectors, rows over their scales. */
class Additive {
  readonly code: AdditiveCode;
  readonly rows: number;
  readonly cols: number;
  /** Values over the scales of their rows, and what their codes stand for. */
  readonly #x: Float64Array;
  readonly #q: Float64Array;
  /** By vector: 0 where it is not finite. */
  readonly #live: Uint8Array;
  readonly #weights: Float64Array;
  readonly #h: Dense | null;
  /** (x - q) H, kept up as q changes; x - q itself without H. */
  readonly #g: Float64Array;
  readonly codes: Uint32Array;
  books: Float64Array[] = [];
  #search!: BookSearch;

  constructor(code: AdditiveCode, { rows, cols, values }: Matrix, scales: Float32Array, h: Dense | null) {
    this.code = code;
    [this.rows, this.cols] = [rows, cols];
    const { dim, books } = code;
    const n = values.length;
    this.#x = new Float64Array(n);
    this.#q = new Float64Array(n);
    this.#live = new Uint8Array(n / dim);
    for (let v = 0; v < n / dim; v++) {
      const scale = scales[Math.floor((v * dim) / cols)];
      if (!(scale > 0) || !allFinite(values, v * dim, (v + 1) * dim)) continue;
      this.#live[v] = 1;
      for (let i = v * dim; i < (v + 1) * dim; i++) this.#x[i] = values[i] / scale;
    }
    this.#weights = Float64Array.from(scales, (s) => s * s);
    this.#h = h;
    this.#g = new Float64Array(n);
    this.codes = new Uint32Array((n / dim) * books);
  }

  async begin(pace: (share: number) => Promise<void>): Promise<void> {
    const { dim, books, bits, seed, beam } = this.code;
    const live = this.#live.reduce((sum, one) => sum + one, 0);
    const values = new Float64Array(live * dim);
    let at = 0;
    for (const [v, one] of this.#live.entries()) {
      if (one) values.set(this.#x.subarray(v * dim, (v + 1) * dim), dim * at++);
    }
    this.books = await residualBooks({ dim, values }, { books, k: 2 ** bits, seed }, pace);
    this.#search = await BookSearch.start({ dim, k: 2 ** bits, books, beam });
  }

  /** (x - q) H from the start. */
  async measure(): Promise<void> {
    const e = this.#x.map((x, i) => x - this.#q[i]);
    if (!this.#h) this.#g.set(e);
    else this.#g.set((await multiply(dense(this.rows, this.cols, e), this.#h)).values);
  }

  /** tr(e H e^T) with rows by their scales. */
  loss(): number {
    let sum = 0;
    for (let i = 0; i < this.#x.length; i++) {
      sum += this.#weights[Math.floor(i / this.cols)] * (this.#x[i] - this.#q[i]) * this.#g[i];
    }
    return sum;
  }

  /** Codes every vector anew, columns from left to right, each with all others as they are. `keep` keeps codes that are better than what is found. */
  async findCodes(keep: boolean, pace: (share: number) => Promise<void>): Promise<void> {
    const { dim, books, bits, beam } = this.code;
    const { rows, cols } = this;
    this.#search.set(this.books, null);
    const groups = cols / dim;
    const each = 2 ** bits * dim * (1 + (books - 1) * beam) + (this.#h ? 20 * dim * cols : 0);
    const paced = Math.max(1, Math.floor(PACED / each));
    const [y, old, found] = [new Float64Array(dim), new Float64Array(dim), new Float64Array(dim)];
    const codes = new Uint32Array(books);
    for (let group = 0; group < groups; group++) {
      const metric = this.#metricOf(group);
      if (metric) this.#search.measure(metric);
      for (let r = 0; r < rows; r++) {
        if ((group * rows + r) % paced === 0) await pace((group + r / rows) / groups);
        const at = r * cols + group * dim;
        const v = at / dim;
        if (!this.#live[v]) continue;
        for (let i = 0; i < dim; i++) {
          y[i] = this.#g[at + i] + timesRow(metric, dim, i, this.#q, at);
          old[i] = this.#q[at + i];
        }
        this.#search.find(y, metric, codes, 0);
        this.#sumOf(codes, 0, found);
        if (keep && this.#gain(y, found, metric) < this.#gain(y, old, metric)) continue;
        this.codes.set(codes, v * books);
        this.#move(r, at, found);
      }
    }
  }

  /** 2 y c - c H c. */
  #gain(y: Float64Array, c: Float64Array, metric: Float64Array | null): number {
    let sum = 0;
    for (let i = 0; i < c.length; i++) sum += c[i] * (2 * y[i] - timesRow(metric, c.length, i, c, 0));
    return sum;
  }

  #metricOf(group: number): Float64Array | null {
    if (!this.#h) return null;
    const { dim } = this.code;
    const { values } = this.#h;
    const from = group * dim;
    return Float64Array.from(
      { length: dim * dim },
      (_, i) => values[(from + Math.floor(i / dim)) * this.cols + from + (i % dim)],
    );
  }

  #sumOf(codes: Uint32Array, at: number, into: Float64Array): void {
    const { dim } = this.code;
    into.fill(0);
    for (const [m, book] of this.books.entries()) {
      for (let i = 0; i < dim; i++) into[i] += book[codes[at + m] * dim + i];
    }
  }

  /** Puts a vector's new sum in its place, and keeps g up. */
  #move(row: number, at: number, now: Float64Array): void {
    const { cols } = this;
    for (let i = 0; i < now.length; i++) {
      const change = now[i] - this.#q[at + i];
      this.#q[at + i] = now[i];
      if (change === 0) continue;
      if (!this.#h) {
        this.#g[at + i] -= change;
        continue;
      }
      const from = ((at % cols) + i) * cols;
      const { values } = this.#h;
      const g = this.#g;
      for (let j = 0, k = row * cols; j < cols; j++, k++) g[k] -= change * values[from + j];
    }
  }

  /** Moves the books towards less error under the codes as they are. */
  async moveBooks(pace: () => Promise<void>): Promise<void> {
    const { dim, books } = this.code;
    for (let step = 0; step < MOVES * books; step++) {
      await pace();
      const m = step % books;
      const change = await this.#changeOf(m, pace);
      const moved = new Float64Array(this.#q.length);
      for (const [v, one] of this.#live.entries()) {
        if (v % VECTORS_PACED === 0) await pace();
        if (!one) continue;
        const code = this.codes[v * books + m];
        for (let i = 0; i < dim; i++) moved[v * dim + i] = change[code * dim + i];
      }
      const through = this.#h ? (await multiply(dense(this.rows, this.cols, moved), this.#h)).values : moved;
      let [along, across] = [0, 0];
      for (let i = 0; i < moved.length; i++) {
        if (i % VALUES_PACED === 0) await pace();
        const weight = this.#weights[Math.floor(i / this.cols)];
        along += weight * moved[i] * this.#g[i];
        across += weight * moved[i] * through[i];
      }
      if (!(across > 0)) continue;
      // The loss is a parabola along the change: this is its lowest point.
      const length = along / across;
      for (let i = 0; i < change.length; i++) this.books[m][i] += length * change[i];
      for (let i = 0; i < moved.length; i++) {
        if (i % VALUES_PACED === 0) await pace();
        this.#q[i] += length * moved[i];
        this.#g[i] -= length * through[i];
      }
    }
  }

  /** By vector of a book: what would be best for it, were all else to stay: (sum of H)^-1 (sum of g) over those that have its code. */
  async #changeOf(m: number, pace: () => Promise<void>): Promise<Float64Array> {
    const { dim, books, bits } = this.code;
    const k = 2 ** bits;
    const sums = new Float64Array(k * dim);
    const metrics = new Float64Array(this.#h ? k * dim * dim : k);
    const groups = this.cols / dim;
    for (let group = 0; group < groups; group++) {
      const metric = this.#metricOf(group);
      for (let r = 0; r < this.rows; r++) {
        if ((group * this.rows + r) % VECTORS_PACED === 0) await pace();
        const v = r * groups + group;
        if (!this.#live[v]) continue;
        const code = this.codes[v * books + m];
        const weight = this.#weights[r];
        for (let i = 0; i < dim; i++) sums[code * dim + i] += weight * this.#g[v * dim + i];
        if (!metric) metrics[code] += weight;
        else for (let i = 0; i < dim * dim; i++) metrics[code * dim * dim + i] += weight * metric[i];
      }
    }
    for (let code = 0; code < k; code++) {
      const own = sums.subarray(code * dim, (code + 1) * dim);
      if (this.#h) solve(metrics.subarray(code * dim * dim, (code + 1) * dim * dim), own);
      else for (let i = 0; i < dim; i++) own[i] = metrics[code] > 0 ? own[i] / metrics[code] : 0;
    }
    return sums;
  }

  /** Takes the books as they are stored. */
  async store(books: Float64Array[]): Promise<void> {
    this.books = books;
    const found = new Float64Array(this.code.dim);
    for (const [v, one] of this.#live.entries()) {
      if (!one) continue;
      this.#sumOf(this.codes, v * this.code.books, found);
      this.#q.set(found, v * this.code.dim);
    }
    await this.measure();
  }

  isLive = (v: number): boolean => this.#live[v] === 1;
}

/** Row i of H (null: the identity) times a vector. */
function timesRow(metric: Float64Array | null, dim: number, i: number, x: Float64Array, at: number): number {
  if (!metric) return x[at + i];
  let sum = 0;
  for (let j = 0; j < dim; j++) sum += metric[i * dim + j] * x[at + j];
  return sum;
}

/** b becomes A^-1 b, by the Cholesky factor of a small positive definite A; zero where there is none. */
function solve(a: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (i === j && !(sum > 0)) {
        b.fill(0);
        return;
      }
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j];
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
}

/** The root mean square of each row's finite values. */
function rowScales({ rows, cols, values }: Matrix): Float32Array {
  return Float32Array.from({ length: rows }, (_, r) => {
    let [sum, count] = [0, 0];
    for (const x of values.subarray(r * cols, (r + 1) * cols)) {
      if (x - x !== 0) continue;
      sum += x * x;
      count++;
    }
    return count > 0 ? Math.sqrt(sum / count) : 0;
  });
}

/** X^T X over its tokens, damped; null where there is none. */
function metricOf(known: Calibration | null): Dense | null {
  const gram = known?.gram;
  if (!gram) return null;
  const { cols, values } = gram;
  let mean = 0;
  for (let i = 0; i < cols; i++) mean += values[i * cols + i] / cols;
  if (!(mean > 0)) return null;
  const out = dense(
    cols,
    cols,
    Float64Array.from(values, (x) => x / mean),
  );
  for (let i = 0; i < cols; i++) out.values[i * cols + i] += DAMP;
  return out;
}

async function encode(
  code: AdditiveCode,
  operand: Matrix,
  known: Calibration | null,
  job: CodeJob,
): Promise<CodedMatrix> {
  const { dim, books, bits, rounds } = code;
  const { rows, cols, values } = operand;
  const k = 2 ** bits;
  const scales = await job.store("scales of rows", { rows: 1, cols: rows, values: rowScales(operand) }, F16);
  const own = new Additive(code, operand, scales.values, metricOf(known));
  const stages = rounds + 2;
  let stage = 0;
  const pace = (share: number) => job.checkpoint(stage + Math.min(1, share), stages, "rounds");
  await own.begin(pace);
  stage++;
  await own.measure();
  for (let round = 0; round < rounds; round++, stage++) {
    await own.findCodes(round > 0, pace);
    await own.moveBooks(() => pace(0.99));
  }
  const stored: SideTensor[] = [];
  for (const [m, book] of own.books.entries()) {
    stored.push(
      await job.store(`codebook ${m + 1}`, { rows: k, cols: dim, values: Float32Array.from(book) }, code.book),
    );
  }
  await own.store(stored.map((side) => Float64Array.from(side.values)));
  await own.findCodes(rounds > 0, pace);
  const result = values.slice();
  const vectors = values.length / dim;
  const joined = new Uint32Array(vectors);
  for (let v = 0; v < vectors; v++) {
    const scale = scales.values[Math.floor((v * dim) / cols)];
    if (!own.isLive(v)) {
      if (allFinite(values, v * dim, (v + 1) * dim)) result.fill(0, v * dim, (v + 1) * dim);
      continue;
    }
    for (let i = 0; i < dim; i++) {
      let sum = 0;
      for (const [m, side] of stored.entries()) sum += side.values[own.codes[v * books + m] * dim + i];
      result[v * dim + i] = Math.fround(sum) * scale;
    }
    for (let m = 0; m < books; m++) joined[v] = joined[v] * k + own.codes[v * books + m];
  }
  const codeBits = books * bits;
  const counts = codeBits <= 16 ? new Uint32Array(2 ** codeBits) : null;
  if (counts) for (let v = 0; v < vectors; v++) if (own.isLive(v)) counts[joined[v]]++;
  const bookBits = stored.reduce((sum, side) => sum + side.bits, 0);
  return {
    ...{ result, codes: joined, dim, codeBits, counts },
    bits: [
      { what: `codebooks, ${books} x ${k} x ${dim} (${stored[0].recipe})`, bitsPerWeight: bookBits / (rows * cols) },
    ],
    notes: [
      ...largerThanData(k, vectors, "codebook"),
      ...(known?.gram ? [] : ["aqlm: without a calibration all inputs count alike"]),
    ],
    words: (row, col) => {
      const v = Math.floor((row * cols + col) / dim);
      const parts = stored.map(
        (side, m) => `${own.codes[v * books + m]}: ${side.values[own.codes[v * books + m] * dim + (col % dim)]}`,
      );
      return [
        ...parts.map((value, m) => ({ what: `book ${m + 1}`, value })),
        { what: "scale of the row", value: String(scales.values[row]) },
      ];
    },
  };
}

/**
 * Additive codebooks (AQLM: Egiazarian and others, arXiv 2401.06118): residual k-means to begin with, then in turn codes by a beam search,
 * vector by vector with all others of the row as they are, and books by steps down the loss |XW - XQ|^2, whose metric is the Gram matrix
 * of a calibration; without one, all inputs count alike. The paper moves books by Adam.
 */
export const work: WorkOf<AdditiveCode> = { encode };
