import { binary } from "../../exact/bits.ts";
import type { CodedMatrix, CodeJob, ColumnCoder } from "../../plan/code.ts";
import type { Matrix } from "../../steps/step.ts";
import type { WorkOf } from "../code.ts";
import { rootMeanSquare, tensorScale } from "../scale.ts";
import { bookOf } from "./books.ts";
import { SIDE, TILE, type TrellisCode } from "./shape.ts";
import { intoWalks, placesOf } from "./tiles.ts";
import type { Trellis } from "./viterbi.ts";
import { Walks } from "./walks.ts";

/** Values written down between two looks at whoever may cancel. */
const PACED = 2 ** 18;

/** Codes stretches of 16 columns, tile by tile. */
class TileColumns implements ColumnCoder {
  readonly #code: TrellisCode;
  readonly #operand: Matrix;
  readonly #job: CodeJob;
  readonly #walks: Walks;
  readonly #book: Float32Array;
  readonly #scale: number;
  readonly #places: Uint8Array;
  readonly #result: Float32Array;
  /** By element: the state of the step that it is of. */
  readonly #states: Uint16Array;
  #done = 0;

  private constructor(
    code: TrellisCode,
    operand: Matrix,
    job: CodeJob,
    walks: Walks,
    book: Float32Array,
    scale: number,
  ) {
    this.#code = code;
    this.#operand = operand;
    this.#job = job;
    this.#walks = walks;
    this.#book = book;
    this.#scale = scale;
    this.#places = placesOf(code.order);
    this.#result = operand.values.slice();
    this.#states = new Uint16Array(operand.values.length);
  }

  static async begin(code: TrellisCode, operand: Matrix, job: CodeJob): Promise<TileColumns> {
    const book = await bookOf(code.book);
    const { bits, pair } = code;
    const trellis: Trellis = { bits: pair ? 2 * bits : bits, width: pair ? 2 : 1, book };
    const wanted = code.scale * rootMeanSquare(book);
    const walks = await Walks.open(trellis, operand.values.length / TILE);
    return new TileColumns(code, operand, job, walks, book, tensorScale(operand.values, wanted));
  }

  async encode(col: number, values: Float32Array, results: Float32Array): Promise<void> {
    await this.#tiles([col], intoWalks(values, SIDE, this.#operand.rows, this.#places, this.#scale));
    const { rows, cols } = this.#operand;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < SIDE; c++) results[r * SIDE + c] = this.#result[r * cols + col + c];
    }
  }

  /** All tiles of the matrix as they stand. */
  async all(): Promise<CodedMatrix> {
    const { rows, cols, values } = this.#operand;
    const walks = new Float32Array(values.length);
    const columns = Array.from({ length: cols / SIDE }, (_, i) => i * SIDE);
    for (const [i, col] of columns.entries()) {
      if ((i * rows * SIDE) % PACED < rows * SIDE) await this.#job.checkpoint(0, 1, "tiles");
      walks.set(intoWalks(values.subarray(col), cols, rows, this.#places, this.#scale), i * rows * SIDE);
    }
    await this.#tiles(columns, walks);
    return this.end();
  }

  /** Finds the walks of stretches of columns one after the other, and writes down what they stand for. */
  async #tiles(columns: number[], values: Float32Array): Promise<void> {
    const { rows, cols } = this.#operand;
    const { pair } = this.#code;
    const total = (rows * cols) / TILE;
    const start = this.#done;
    const states = await this.#walks.all(values, (done) => this.#job.checkpoint(start + done, total, "tiles"));
    this.#done += values.length / TILE;
    for (let i = 0; i < values.length; i++) {
      if (i > 0 && i % PACED === 0) await this.#job.checkpoint(this.#done, total, "tiles");
      const [tile, place] = [Math.floor(i / TILE), this.#places[i % TILE]];
      const col = columns[Math.floor((tile * SIDE) / rows)] + (place & 15);
      const row = ((tile * SIDE) % rows) + (place >> 4);
      const at = row * cols + col;
      const state = states[pair ? i >> 1 : i];
      this.#states[at] = state;
      if (this.#operand.values[at] - this.#operand.values[at] !== 0) continue;
      const level = this.#book[pair && i % 2 === 1 ? 2 ** 16 + state : state];
      this.#result[at] = this.#scale > 0 ? level * this.#scale : 0;
    }
  }

  async end(): Promise<CodedMatrix> {
    this.#walks.close();
    const { bits, pair, book } = this.#code;
    const codeBits = pair ? 2 * bits : bits;
    const mask = 2 ** codeBits - 1;
    const codes = Uint32Array.from(this.#states, (state) => state & mask);
    const counts = new Uint32Array(2 ** codeBits);
    const { cols } = this.#operand;
    // A step has its pair side by side.
    for (let i = 0; i < codes.length; i += pair ? 2 : 1) counts[codes[i]]++;
    return {
      ...{ result: this.#result, codes, dim: 1, codeBits, counts, bits: [], notes: [] },
      words: (row, col) => {
        const state = this.#states[row * cols + col];
        const place = (row % SIDE) * SIDE + (col % SIDE);
        const step = Math.floor(this.#places.indexOf(place) / (pair ? 2 : 1));
        const level = this.#book[pair && col % 2 === 1 ? 2 ** 16 + state : state];
        return [
          { what: "tile", value: `row ${Math.floor(row / SIDE)}, column ${Math.floor(col / SIDE)}` },
          { what: "step", value: `${step + 1} of ${TILE / (pair ? 2 : 1)}` },
          { what: "state", value: `${binary(state, 16)}, the last ${codeBits} bits its own` },
          { what: `value in ${book}`, value: String(level) },
          { what: "scale", value: String(this.#scale) },
        ];
      },
    };
  }
}

async function whole(code: TrellisCode, operand: Matrix, job: CodeJob): Promise<CodedMatrix> {
  return (await TileColumns.begin(code, operand, job)).all();
}

/** Trellis codes of QTIP and of ExLlamaV3: the cheapest walk through each tile, by Viterbi's algorithm. */
export const work: WorkOf<TrellisCode> = {
  encode: (code, operand, _, job) => whole(code, operand, job),
  begin: (code, operand, _, job) => TileColumns.begin(code, operand, job),
};
