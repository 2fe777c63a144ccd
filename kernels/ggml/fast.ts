/**
 * The searches in wasm, where there is one: the bytes are those of the plain ones beside, which say what is computed. A sub-block goes
 * in by a copy of its values and weights, and its codes and scale come back.
 */
import type { Points } from "./points.ts";
import { SUPER } from "./types.ts";

/** The functions that `assembly/index.ts` exports, and its memory. */
interface Exports {
  memory: WebAssembly.Memory;
  valuesAt(): number;
  weightsAt(): number;
  codesAt(): number;
  floatsAt(): number;
  searchSymmetric(n: number, nmax: number, weighted: boolean): number;
  descendAll(nmax: number): void;
  roundAll(half: number): void;
  searchAffine(n: number, nmax: number, rmin: number, rdelta: number, steps: number, magnitudes: boolean): void;
  searchPositive(n: number, nmax: number): number;
  searchLevels(): number;
  makeGrid(dims: number, bits: number, levels: number, count: number, distances: number): number;
  pointsOf(grid: number): number;
  searchGrid(
    ...args: [
      grid: number,
      n: number,
      tries: number,
      step: number,
      again: number,
      plain: number,
      scale: number,
      into: number,
    ]
  ): number;
  splitThirtyTwo(): number;
  splitSixteen(): number;
}

/** A machine with its areas. Views are looked at anew where its memory has grown. */
export class Fast {
  readonly #exports: Exports;
  readonly #grids = new Map<Points, number>();
  #bytes = new Uint8Array(0);
  #floats = new Float32Array(0);
  readonly #values: number;
  readonly #weights: number;
  readonly #codes: number;
  readonly #out: number;

  constructor(exports: Exports) {
    this.#exports = exports;
    this.#values = exports.valuesAt() >> 2;
    this.#weights = exports.weightsAt() >> 2;
    this.#codes = exports.codesAt();
    this.#out = exports.floatsAt() >> 2;
    this.#look();
  }

  #look(): void {
    const { buffer } = this.#exports.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#floats = new Float32Array(buffer);
  }

  #put(at: number, values: Float32Array, from: number, n: number): void {
    const floats = this.#floats;
    for (let i = 0; i < n; i++) floats[at + i] = values[from + i];
  }

  #take(codes: Uint8Array, from: number, n: number): void {
    const bytes = this.#bytes;
    const at = this.#codes;
    for (let i = 0; i < n; i++) codes[from + i] = bytes[at + i];
  }

  symmetric(
    x: Float32Array,
    from: number,
    n: number,
    nmax: number,
    codes: Uint8Array,
    weights: Float32Array | null,
    at: number,
  ): number {
    this.#put(this.#values, x, from, n);
    if (weights) this.#put(this.#weights, weights, at, n);
    const scale = this.#exports.searchSymmetric(n, nmax, weights !== null);
    this.#take(codes, from, n);
    return scale;
  }

  /** The scales of a block's 16 sub-blocks, and their codes. */
  descendAll(x: Float32Array, nmax: number, codes: Uint8Array, scales: Float32Array): void {
    this.#putBlock(x, codes);
    this.#exports.descendAll(nmax);
    codes.set(this.#bytes.subarray(this.#codes, this.#codes + SUPER));
    for (let j = 0; j < 16; j++) scales[j] = this.#floats[this.#out + j];
  }

  /** Codes of a block's 16 sub-blocks, by the scales in force. */
  roundAll(x: Float32Array, half: number, codes: Uint8Array, scales: Float32Array): void {
    this.#putBlock(x, codes);
    for (let j = 0; j < 16; j++) this.#floats[this.#out + j] = scales[j];
    this.#exports.roundAll(half);
    codes.set(this.#bytes.subarray(this.#codes, this.#codes + SUPER));
  }

  #putBlock(x: Float32Array, codes: Uint8Array): void {
    this.#floats.set(x.length === SUPER ? x : x.subarray(0, SUPER), this.#values);
    this.#bytes.set(codes, this.#codes);
  }

  affine(
    x: Float32Array,
    from: number,
    n: number,
    weights: Float32Array,
    search: { nmax: number; rmin: number; rdelta: number; steps: number; magnitudes: boolean },
    codes: Uint8Array,
    fit: { scale: number; min: number },
  ): void {
    this.#put(this.#values, x, from, n);
    this.#put(this.#weights, weights, 0, n);
    const { nmax, rmin, rdelta, steps, magnitudes } = search;
    this.#exports.searchAffine(n, nmax, rmin, rdelta, steps, magnitudes);
    this.#take(codes, from, n);
    fit.scale = this.#floats[this.#out];
    fit.min = this.#floats[this.#out + 1];
  }

  positive(n: number, nmax: number, x: Float32Array, codes: Uint8Array, weights: Float32Array): number {
    this.#put(this.#values, x, 0, n);
    this.#put(this.#weights, weights, 0, n);
    const scale = this.#exports.searchPositive(n, nmax);
    this.#take(codes, 0, n);
    return scale;
  }

  levels(x: Float32Array, from: number, weights: Float32Array): number {
    this.#put(this.#values, x, from, 32);
    this.#put(this.#weights, weights, 0, 32);
    return this.#exports.searchLevels();
  }

  /** The scale, or null where ggml stops. The group's codes stand in where no candidate is better than none. */
  grid(
    points: Points,
    search: { n: number; tries: number; step: number; again: "all" | "all if off" | "off" },
    group: { values: Float32Array; weights: Float32Array; codes: Uint8Array },
    plain: number,
    scale: number,
  ): number | null {
    const { n, tries, step, again } = search;
    const grid = this.#gridOf(points);
    this.#put(this.#values, group.values, 0, n);
    this.#put(this.#weights, group.weights, 0, n);
    for (let i = 0; i < n; i++) this.#bytes[this.#codes + i] = group.codes[i];
    const which = again === "all" ? 0 : again === "off" ? 2 : 1;
    const found = this.#exports.searchGrid(grid, n, tries, step, which, plain, scale, this.#out << 2);
    this.#look();
    if (!found) return null;
    this.#take(group.codes, 0, n);
    return this.#floats[this.#out];
  }

  #gridOf(points: Points): number {
    const known = this.#grids.get(points);
    if (known !== undefined) return known;
    const { dims, bits, levels, count, distances, codes } = points;
    const grid = this.#exports.makeGrid(dims, bits, levels, count, distances);
    this.#look();
    this.#bytes.set(codes, this.#exports.pointsOf(grid));
    this.#grids.set(points, grid);
    return grid;
  }

  /** The best split of 32 values, or of 16 with a direction for each half; false where none says anything. */
  split(
    n: 16 | 32,
    x: Float32Array,
    from: number,
    weights: Float32Array,
    codes: Uint8Array,
    best: { scale: number; which: number },
  ): boolean {
    this.#put(this.#values, x, from, n);
    this.#put(this.#weights, weights, 0, n);
    if (!(n === 32 ? this.#exports.splitThirtyTwo() : this.#exports.splitSixteen())) return false;
    this.#take(codes, 0, n);
    best.scale = this.#floats[this.#out];
    best.which = this.#floats[this.#out + 1];
    return true;
  }
}

/** The machine that the searches use; null while none is loaded, or where there is no WebAssembly. */
export let fast: Fast | null = null;

let loading: Promise<Fast | null> | null = null;

/** Brings the machine, once. Where it cannot be had the plain searches stay, with the same bytes. */
export async function loadFast(): Promise<void> {
  loading ??= start().catch(() => null);
  fast = await loading;
}

/** For tests: whether the plain searches are to be used. */
export async function searchPlainly(plain: boolean): Promise<void> {
  if (plain) fast = null;
  else await loadFast();
}

async function start(): Promise<Fast> {
  const [{ compileDeflated }, { deflated }] = await Promise.all([
    import("../compiled/load.ts"),
    import("./generated/bytes.ts"),
  ]);
  const { exports } = await WebAssembly.instantiate(await compileDeflated(deflated), {
    env: {
      abort() {
        throw new Error("a wasm kernel failed");
      },
    },
  });
  return new Fast(exports as unknown as Exports);
}
