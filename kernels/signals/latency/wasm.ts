import { compiledOnce } from "../../compiled/load.ts";
import type { Packed } from "./packed.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  heapAddress(): number;
  multiplyCodes(
    ...args: [words: number, scales: number, token: number, out: number, rows: number, groups: number, width: number]
  ): void;
  multiplyHalves(words: number, token: number, out: number, rows: number, groups: number): void;
  multiplySingles(words: number, token: number, out: number, rows: number, groups: number): void;
}

const load = compiledOnce(() => import("./generated/bytes.ts"));
const PAGE = 65536;
const round = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** A matrix and a token in a memory of their own. Each `multiply` does all of the work again. */
export interface LoadedProduct {
  multiply(times: number): void;
  product(): Float32Array;
}

/** Rejects where WebAssembly or its SIMD is missing, or the matrix does not fit its memory. */
export async function loadProduct(packed: Packed, token: Float32Array): Promise<LoadedProduct> {
  const { exports } = await WebAssembly.instantiate(await load(), {
    env: {
      abort() {
        throw new Error("a wasm kernel failed");
      },
    },
  });
  const kernels = exports as unknown as Kernels;
  const { width, rows, groups, words, scales } = packed;
  const at = { words: kernels.heapAddress(), scales: 0, token: 0, out: 0 };
  at.scales = at.words + round(words.byteLength);
  at.token = at.scales + round(scales.byteLength);
  at.out = at.token + round(token.byteLength);
  const missing = at.out + round(4 * rows) - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE));
  const { buffer } = kernels.memory;
  new Uint32Array(buffer, at.words, words.length).set(words);
  new Float32Array(buffer, at.scales, scales.length).set(scales);
  new Float32Array(buffer, at.token, token.length).set(token);
  const once = (): void => {
    if (width === 32) kernels.multiplySingles(at.words, at.token, at.out, rows, groups);
    else if (width === 16) kernels.multiplyHalves(at.words, at.token, at.out, rows, groups);
    else kernels.multiplyCodes(at.words, at.scales, at.token, at.out, rows, groups, width);
  };
  return {
    multiply(times) {
      for (let i = 0; i < times; i++) once();
    },
    product: () => new Float32Array(kernels.memory.buffer, at.out, rows).slice(),
  };
}
