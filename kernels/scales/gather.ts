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
  if (grid.flat) {
    const start = block * grid.flat - row0 * grid.cols;
    take(start, start + blockSize(grid, block));
    return n;
  }
  const [r0, r1, c0, c1] = blockExtent(grid, block)!;
  for (let r = r0; r < r1; r++) take((r - row0) * grid.cols + c0, (r - row0) * grid.cols + c1);
  return n;
}
