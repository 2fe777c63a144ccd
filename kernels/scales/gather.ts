import type { Importance } from "../ggml/encode.ts";
import { blockExtent, blockSize } from "../plan/blocks.ts";
import type { BlockGrid } from "../report/report.ts";

/** Writes the finite values of a block in row-major order and gives their number. `input` holds rows from `row0` on. */
export function gather(grid: BlockGrid, input: Float32Array, row0: number, block: number, out: Float32Array): number {
  let n = 0;
  const take = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const x = input[i];
      if (x - x === 0) out[n++] = x;
    }
  };
  eachPart(grid, row0, block, take);
  return n;
}

/**
 * The weights of the same values in the same order. They count alike, 1 each, where every one of them is zero: nothing tells then which
 * error matters.
 */
export function gatherWeights(
  grid: BlockGrid,
  input: Float32Array,
  row0: number,
  block: number,
  { values, rowsEach }: Importance,
  out: Float32Array,
): void {
  const { cols } = grid;
  let n = 0;
  let most = 0;
  const take = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const x = input[i];
      if (x - x !== 0) continue;
      const weight = values[Math.floor((row0 + Math.floor(i / cols)) / rowsEach) * cols + (i % cols)];
      out[n++] = weight;
      if (weight > most) most = weight;
    }
  };
  eachPart(grid, row0, block, take);
  if (most === 0) out.fill(1, 0, n);
}

/** The parts of a block in row-major order, as indices into rows from `row0` on. */
function eachPart(grid: BlockGrid, row0: number, block: number, take: (from: number, to: number) => void): void {
  if (grid.flat) {
    const start = block * grid.flat - row0 * grid.cols;
    take(start, start + blockSize(grid, block));
    return;
  }
  const [r0, r1, c0, c1] = blockExtent(grid, block)!;
  for (let r = r0; r < r1; r++) take((r - row0) * grid.cols + c0, (r - row0) * grid.cols + c1);
}
