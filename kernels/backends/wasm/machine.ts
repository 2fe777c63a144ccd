import type { ElementSpec, Plan } from "../../plan/plan.ts";
import type { Scales } from "../../scales/resolve.ts";
import type { Tile } from "../backend.ts";
import { elementTables } from "./element.ts";
import { Field } from "./fields.ts";
import { Heap } from "./heap.ts";
import type { Kernels } from "./instance.ts";
import { blocksOf } from "./windows.ts";

/** An instance of the kernels with its memory and what is kept there between calls. */
export class Machine {
  readonly kernels: Kernels;
  readonly heap: Heap;
  /** The element whose tables are in memory. */
  #element: ElementSpec | null = null;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.heap = new Heap(kernels);
  }

  /** Starts a call: forgets the last one's arrays and brings in the element's tables where they are not there yet. */
  begin(plan: Plan): void {
    if (this.#element === plan.element) {
      this.heap.reset(false);
      return;
    }
    this.#element = null;
    this.heap.reset(true);
    const { ladder } = plan.element;
    const { fields, planes, stairs, buckets } = elementTables(plan.element);
    const { middles, arith } = plan.element;
    const compared = arith !== "exact" || planes !== null;
    this.set([
      [Field.levelValues, ladder ? this.put(ladder.levels) : 0],
      [Field.levelCodes, ladder ? this.put(ladder.codes) : 0],
      [Field.levelOdd, ladder ? this.put(ladder.odd) : 0],
      [Field.middles, compared ? this.put(middles) : 0],
      [Field.buckets, buckets ? this.put(buckets) : 0],
      [Field.ties, ladder ? this.put(Int32Array.from(ladder.odd, (odd) => -odd)) : 0],
      [Field.stairs, stairs ? this.put(stairs) : 0],
      ...fields,
    ]);
    if (planes) new Uint8Array(this.heap.buffer, this.kernels.planesAddress()).set(planes);
    this.heap.mark();
    this.#element = plan.element;
  }

  set(fields: [Field, number][]): void {
    const config = new Float64Array(this.heap.buffer, this.kernels.configAddress(), Field.length);
    for (const [field, value] of fields) config[field] = value;
  }

  /** Copies an array in and gives its address. */
  put(array: Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array): number {
    const at = this.heap.take(array.byteLength, false);
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    new Uint8Array(this.heap.buffer, at, array.byteLength).set(bytes);
    return at;
  }

  floats(at: number, n: number): Float32Array {
    return new Float32Array(this.heap.buffer, at, n);
  }

  doubles(at: number, n: number): Float64Array {
    return new Float64Array(this.heap.buffer, at, n);
  }

  words(at: number, n: number): Uint32Array {
    return new Uint32Array(this.heap.buffer, at, n);
  }

  /** Brings the scales of a tile in. */
  putScales(plan: Plan, tile: Tile, scales: Scales): void {
    const scaled = plan.levels.length > 0;
    const { first, count } = blocksOf(plan.grid, tile);
    const affine = scaled && scales.zeroPoints.length > 0;
    const library = scaled && scales.reciprocal.length > 0;
    this.set([
      [Field.scales, scaled ? this.put(scales.effective.subarray(first, first + count)) : 0],
      [Field.reciprocals, library ? this.put(scales.reciprocal.subarray(first, first + count)) : 0],
      [Field.zeroPoints, affine ? this.put(scales.zeroPoints.subarray(first, first + count)) : 0],
    ]);
  }
}
