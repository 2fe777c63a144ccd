/** Beam search over sums of one vector from each of some codebooks, in wasm's float32. */
import { CodeMachine } from "../machine.ts";

/** Codebooks, each k x dim in float64, and the search for the codes of a target under a metric. */
export class BookSearch {
  readonly #machine: CodeMachine;
  readonly #dim: number;
  readonly #k: number;
  readonly #beam: number;
  readonly #fours: number;
  readonly #centres: number[];
  readonly #norms: number[];
  readonly #x: number;
  readonly #indices: number;
  readonly #scores: number;
  #books: Float64Array[] = [];

  private constructor(machine: CodeMachine, shape: { dim: number; k: number; books: number; beam: number }) {
    const { dim, k, books, beam } = shape;
    this.#machine = machine;
    this.#dim = dim;
    this.#k = k;
    this.#beam = Math.min(beam, k);
    this.#fours = Math.ceil(k / 4);
    this.#centres = Array.from({ length: books }, () => machine.take(16 * this.#fours * dim));
    this.#norms = Array.from({ length: books }, () => machine.take(16 * this.#fours));
    this.#x = machine.take(4 * dim);
    this.#indices = machine.take(4 * this.#beam);
    this.#scores = machine.take(4 * this.#beam);
  }

  static async start(shape: { dim: number; k: number; books: number; beam: number }): Promise<BookSearch> {
    return new BookSearch(await CodeMachine.start(), shape);
  }

  /** Takes codebooks, and the metric H (dim x dim; null: the identity) that errors are measured by until the next call of `measure`. */
  set(books: Float64Array[], metric: Float64Array | null): void {
    const dim = this.#dim;
    this.#books = books;
    for (const [m, book] of books.entries()) {
      const into = this.#machine.floats(this.#centres[m], this.#fours * 4 * dim).fill(0);
      for (let c = 0; c < this.#k; c++) {
        for (let d = 0; d < dim; d++) into[((c >> 2) * dim + d) * 4 + (c & 3)] = book[c * dim + d];
      }
    }
    this.measure(metric);
  }

  /** Measures errors e by e^T H e from here on. */
  measure(metric: Float64Array | null): void {
    const dim = this.#dim;
    for (const [m, book] of this.#books.entries()) {
      const norms = this.#machine.floats(this.#norms[m], this.#fours * 4).fill(Infinity);
      for (let c = 0; c < this.#k; c++) {
        let sum = 0;
        for (let i = 0; i < dim; i++) {
          const a = book[c * dim + i];
          if (!metric) sum += a * a;
          else for (let j = 0; j < dim; j++) sum += a * metric[i * dim + j] * book[c * dim + j];
        }
        norms[c] = sum;
      }
    }
  }

  /**
   * The codes, one a book, whose sum c has the largest 2 y^T c - c^T H c of those that the search meets, written to `codes` from `at` on.
   * `y` is H times the target.
   */
  find(y: Float64Array, metric: Float64Array | null, codes: Uint32Array, at: number): void {
    let partial: { score: number; codes: number[]; y: Float64Array }[] = [{ score: 0, codes: [], y }];
    const last = this.#books.length - 1;
    for (let m = 0; m <= last; m++) {
      const most = m === last ? 1 : this.#beam;
      const next: { score: number; code: number; of: number }[] = [];
      for (const [of, { score, y: own }] of partial.entries()) {
        this.#best(m, own, most);
        const indices = this.#machine.words(this.#indices, most);
        const scores = this.#machine.floats(this.#scores, most);
        for (let b = 0; b < most; b++) next.push({ score: score + scores[b], code: indices[b], of });
      }
      next.sort((a, b) => b.score - a.score || a.of - b.of || a.code - b.code);
      const kept = next.slice(0, m === last ? 1 : this.#beam);
      partial = kept.map(({ score, code, of }) => ({
        score,
        codes: [...partial[of].codes, code],
        y: m === last ? y : this.#less(partial[of].y, m, code, metric),
      }));
    }
    for (let m = 0; m <= last; m++) codes[at + m] = partial[0].codes[m];
  }

  #best(m: number, y: Float64Array, most: number): void {
    this.#machine.floats(this.#x, this.#dim).set(y);
    const { kernels } = this.#machine;
    kernels.bestCentres(
      ...([this.#x, this.#dim, this.#centres[m], this.#norms[m]] as const),
      ...([this.#fours, most, this.#indices, this.#scores] as const),
    );
  }

  /** y less H c. */
  #less(y: Float64Array, m: number, code: number, metric: Float64Array | null): Float64Array {
    const dim = this.#dim;
    const book = this.#books[m];
    return y.map((v, i) => {
      if (!metric) return v - book[code * dim + i];
      let sum = v;
      for (let j = 0; j < dim; j++) sum -= metric[i * dim + j] * book[code * dim + j];
      return sum;
    });
  }
}
