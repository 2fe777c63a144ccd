import { CodeMachine } from "../machine.ts";

/** Vectors that are looked at in one call. */
const BATCH = 1024;

/** Finds nearest centres in wasm: the same that `nearest` of `kmeans.ts` finds, which says what is computed. */
export class Nearest {
  readonly #machine: CodeMachine;
  readonly #dim: number;
  readonly #centres: number;
  readonly #values: number;
  readonly #codes: number;
  #pairs = 0;

  private constructor(machine: CodeMachine, dim: number, k: number) {
    this.#machine = machine;
    this.#dim = dim;
    this.#centres = machine.take(8 * dim * (k + 1));
    this.#values = machine.take(4 * dim * BATCH);
    this.#codes = machine.take(4 * BATCH);
  }

  /** `centres` are k x dim. */
  static async of(centres: Float64Array, dim: number): Promise<Nearest> {
    const nearest = new Nearest(await CodeMachine.start(), dim, centres.length / dim);
    nearest.set(centres);
    return nearest;
  }

  /** Takes other centres, of the same number. */
  set(centres: Float64Array): void {
    const dim = this.#dim;
    const k = centres.length / dim;
    this.#pairs = Math.ceil(k / 2);
    const into = this.#machine.doubles(this.#centres, this.#pairs * 2 * dim).fill(Infinity);
    for (let c = 0; c < k; c++) {
      for (let d = 0; d < dim; d++) into[((c >> 1) * dim + d) * 2 + (c & 1)] = centres[c * dim + d];
    }
  }

  /** The centre of each of some vectors that lie one after the other. */
  find(values: Float32Array, codes: Uint32Array): void {
    const dim = this.#dim;
    for (let from = 0; from < codes.length; from += BATCH) {
      const count = Math.min(BATCH, codes.length - from);
      this.#machine.floats(this.#values, count * dim).set(values.subarray(from * dim, (from + count) * dim));
      this.#machine.kernels.nearestCentres(this.#values, count, dim, this.#centres, this.#pairs, this.#codes);
      codes.set(this.#machine.words(this.#codes, count), from);
    }
  }
}
