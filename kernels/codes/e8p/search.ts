import { CodeMachine } from "../machine.ts";
import { isOdd, magnitudes, SIGN_BIT } from "./points.ts";

/** Vectors of one call. */
const BATCH = 512;

/** Finds the nearest point of E8P to vectors of eight, over all 2^16: in wasm, whose arithmetic `nearestPoint` spells out. */
export class E8pSearch {
  readonly #machine: CodeMachine;
  readonly #grid: number;
  readonly #values: number;
  readonly #found: number;
  readonly rows = magnitudes();
  readonly #odd = Array.from({ length: 256 }, (_, row) => isOdd(this.rows, row));

  private constructor(machine: CodeMachine) {
    this.#machine = machine;
    this.#grid = machine.take(256 * 40);
    this.#values = machine.take(32 * BATCH);
    this.#found = machine.take(4 * BATCH);
    const floats = machine.floats(this.#grid, 256 * 10);
    const words = machine.words(this.#grid, 256 * 10);
    for (let row = 0; row < 256; row++) {
      const at = (row >> 2) * 40 + (row & 3);
      let norm = 0;
      for (let d = 0; d < 8; d++) {
        const a = this.rows[row * 8 + d];
        floats[at + 4 * d] = a;
        norm += a * a;
      }
      floats[at + 32] = norm;
      words[at + 36] = this.#odd[row] ? 0xffffffff : 0;
    }
  }

  static start = async (): Promise<E8pSearch> => new E8pSearch(await CodeMachine.start());

  /** The code of each vector, and its point. */
  find(values: Float32Array, codes: Uint32Array, points: Float32Array): void {
    for (let from = 0; from < codes.length; from += BATCH) {
      const count = Math.min(BATCH, codes.length - from);
      this.#machine.floats(this.#values, count * 8).set(values.subarray(from * 8, (from + count) * 8));
      this.#machine.kernels.nearestE8p(this.#values, count, this.#grid, this.#found);
      const found = this.#machine.words(this.#found, count);
      for (let i = 0; i < count; i++) {
        codes[from + i] = this.#signed(values, (from + i) * 8, found[i] & 255, found[i] > 255, points);
      }
    }
  }

  /** Gives the magnitudes of a row their signs, and the code of that. The sign that turns is that of the least product, the first of equals. */
  #signed(values: Float32Array, at: number, row: number, minus: boolean, points: Float32Array): number {
    const { rows } = this;
    const shift = minus ? -0.25 : 0.25;
    let [signs, count, turn, least] = [0, 0, 0, Infinity];
    for (let d = 0; d < 8; d++) {
      const y = Math.fround(values[at + d] - shift);
      const a = rows[row * 8 + d];
      const product = Math.fround(Math.abs(y) * a);
      if (product < least) [least, turn] = [product, d];
      if (y < 0) {
        signs |= 1 << d;
        count++;
      }
    }
    const odd = this.#odd[row];
    if ((count % 2 === 1) !== odd) signs ^= 1 << turn;
    let byte = 0;
    for (let d = 0; d < 8; d++) {
      const negative = (signs >> d) & 1;
      points[at + d] = (negative ? -rows[row * 8 + d] : rows[row * 8 + d]) + shift;
      if (negative !== (d === 7 && odd ? 1 : 0)) byte |= 1 << SIGN_BIT[d];
    }
    return (row << 8) | (byte ^ (minus ? 1 : 0));
  }
}
