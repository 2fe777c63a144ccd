/** The kernels of `assembly/` with a memory of their own, laid out for one search at a time. */
import { compiledOnce } from "../compiled/load.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  heapAddress(): number;
  nearestCentres(
    ...args: [values: number, count: number, dim: number, centres: number, pairs: number, codes: number]
  ): void;
  bestCentres(
    ...args: [
      x: number,
      dim: number,
      centres: number,
      norms: number,
      fours: number,
      most: number,
      indices: number,
      scores: number,
    ]
  ): void;
  nearestE8p(values: number, count: number, grid: number, codes: number): void;
  tailBite(
    ...args: [
      values: number,
      steps: number,
      bits: number,
      pair: boolean,
      tables: number,
      costs: number,
      back: number,
      states: number,
    ]
  ): void;
}

/** The kernels, compiled. */
const load = compiledOnce(() => import("./generated/bytes.ts"));

const PAGE = 65536;

/** Memory is taken once and for all, piece by piece. */
export class CodeMachine {
  readonly kernels: Kernels;
  #free: number;

  private constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.#free = kernels.heapAddress();
  }

  /** Fails where WebAssembly or its SIMD is missing. */
  static async start(): Promise<CodeMachine> {
    const { exports } = await WebAssembly.instantiate(await load(), {
      env: {
        abort() {
          throw new Error("a wasm kernel failed");
        },
      },
    });
    return new CodeMachine(exports as unknown as Kernels);
  }

  /** The address of so many bytes, on a cache line. */
  take(bytes: number): number {
    const at = this.#free;
    this.#free = at + Math.ceil(bytes / 64) * 64;
    const { memory } = this.kernels;
    const missing = this.#free - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  /** Views end when memory is taken. */
  floats = (at: number, length: number) => new Float32Array(this.kernels.memory.buffer, at, length);
  doubles = (at: number, length: number) => new Float64Array(this.kernels.memory.buffer, at, length);
  words = (at: number, length: number) => new Uint32Array(this.kernels.memory.buffer, at, length);
  halves = (at: number, length: number) => new Uint16Array(this.kernels.memory.buffer, at, length);
}
