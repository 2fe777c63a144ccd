import { compiledOnce } from "../compiled/load.ts";

/** The functions that `assembly/index.ts` exports, and its memory. Addresses come signed. */
export interface Kernels {
  memory: WebAssembly.Memory;
  heapAddress(): number;
  packAcross(source: number, stride: number, k: number, n: number, into: number): void;
  packAlong(source: number, stride: number, k: number, n: number, into: number): void;
  multiplyAdd: Multiply;
  multiplySubtract: Multiply;
  factorRows(p: number, stride: number, n: number, cols: number): number;
  forwardRows(x: number, stride: number, u: number, uStride: number, n: number, cols: number): void;
  backwardRows(x: number, stride: number, u: number, uStride: number, n: number, cols: number): void;
  reflectRows(p: number, stride: number, n: number, cols: number, taus: number): void;
  dotRows(p: number, stride: number, rows: number, x: number, n: number, y: number): void;
  rotateRows(p: number, stride: number, width: number, rotations: number, count: number): void;
  jacobiRow(
    ...args: [
      b: number,
      stride: number,
      rows: number,
      width: number,
      turns: number,
      turnsStride: number,
      order: number,
      p: number,
    ]
  ): number;
  solveRight(x: number, stride: number, rows: number, u: number, uStride: number, n: number): void;
}

type Multiply = (
  ...args: [
    a: number,
    aStrip: number,
    b: number,
    bStrip: number,
    m: number,
    n: number,
    k: number,
    c: number,
    stride: number,
  ]
) => void;

/** The kernels, compiled. */
const load = compiledOnce(() => import("./generated/bytes.ts"));

/** Kernels with a memory of their own. */
export async function instantiate(): Promise<Kernels> {
  const { exports } = await WebAssembly.instantiate(await load(), {
    env: {
      abort() {
        throw new Error("a wasm kernel failed");
      },
    },
  });
  return exports as unknown as Kernels;
}
