/** Kernels, their memory, and what one command needs of it for a while. */
import { Memory } from "./memory.ts";
import type { Kernels } from "./module.ts";

/** Products of the inner index between a load and a store of the sums: two strips of them lie in the first cache. */
const INNER = 256;

/** A part of a matrix in memory: its first element, and bytes from row to row. */
export interface Block {
  at: number;
  stride: number;
}

/** A matrix in memory; columns and rows are filled up to fours. */
export interface Area extends Block {
  rows: number;
  cols: number;
}

/** An operand in strips of four rows or columns, as `assembly/product.ts` reads them. */
export interface Packed {
  at: number;
  /** Bytes of a strip. */
  strip: number;
}

export const four = (n: number): number => Math.ceil(n / 4) * 4;

/** From row `row` and column `col` of a block on. */
export const from = ({ at, stride }: Block, row: number, col: number): Block => ({
  at: at + row * stride + col * 8,
  stride,
});

/** Bytes of an area, and its stride. */
export function extentOf(rows: number, cols: number): { bytes: number; stride: number } {
  const stride = Math.max(4, four(cols)) * 8;
  return { bytes: stride * four(rows), stride };
}

export class Workspace {
  readonly kernels: Kernels;
  readonly memory: Memory;
  #scratch: { at: number; bytes: number }[] = [];

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.memory = new Memory(kernels.memory, kernels.heapAddress() >>> 0);
  }

  /** Memory until `release`, with old contents. */
  take(bytes: number): number {
    const at = this.memory.take(bytes);
    this.#scratch.push({ at, bytes });
    return at;
  }

  /** An area until `release`: zeros, or these values. */
  area(rows: number, cols: number, values?: Float64Array): Area {
    const { bytes, stride } = extentOf(rows, cols);
    const area = { at: this.take(bytes), stride, rows, cols };
    this.memory.floats(area.at, bytes / 8).fill(0);
    if (values) this.write(area, values);
    return area;
  }

  release(): void {
    for (const { at, bytes } of this.#scratch) this.memory.give(at, bytes);
    this.#scratch = [];
  }

  /** Puts values in an area, and zeros in its margins: old bits there could be numbers that processors are slow with. */
  write({ at, stride, rows, cols }: Area, values: Float64Array | Float32Array): void {
    const width = stride / 8;
    const into = this.memory.floats(at, width * four(rows));
    if (width === cols) into.set(values);
    else {
      for (let r = 0; r < rows; r++) {
        into.set(values.subarray(r * cols, (r + 1) * cols), r * width);
        into.fill(0, r * width + cols, (r + 1) * width);
      }
    }
    into.fill(0, rows * width);
  }

  read({ at, stride, rows, cols }: Area): Float64Array<ArrayBuffer> {
    const width = stride / 8;
    const values = this.memory.floats(at, rows * width);
    if (width === cols) return values.slice();
    const out = new Float64Array(rows * cols);
    for (let r = 0; r < rows; r++) out.set(values.subarray(r * width, r * width + cols), r * cols);
    return out;
  }

  /** Strips of n rows along k columns. */
  along({ at, stride }: Block, k: number, n: number): Packed {
    const strip = k * 32;
    const into = this.take((strip * four(n)) / 4);
    this.kernels.packAlong(at, stride, k, n, into);
    return { at: into, strip };
  }

  /** Strips of n columns across k rows. */
  across({ at, stride }: Block, k: number, n: number): Packed {
    const strip = k * 32;
    const into = this.take((strip * four(n)) / 4);
    this.kernels.packAcross(at, stride, k, n, into);
    return { at: into, strip };
  }

  /** c += (or -=) a b, m x n over k, each sum in the order of k. What fills c up to fours changes, too. */
  multiply(a: Packed, b: Packed, [m, n, k]: [number, number, number], c: Block, subtract: boolean): void {
    const multiply = subtract ? this.kernels.multiplySubtract : this.kernels.multiplyAdd;
    for (let i = 0; i < k; i += INNER) {
      const inner = Math.min(INNER, k - i);
      multiply(a.at + i * 32, a.strip, b.at + i * 32, b.strip, m, n, inner, c.at, c.stride);
    }
  }
}
