import fc from "fast-check";
import { expect, it } from "vitest";
import type { BlockGrid } from "../../kernels/report/report.ts";
import { blockOf, blockSize, extentOf, firstOfBlock } from "./blocks.ts";

const grids = fc
  .record({
    rows: fc.integer({ min: 1, max: 20 }),
    cols: fc.integer({ min: 1, max: 20 }),
    blockRows: fc.integer({ min: 1, max: 7 }),
    blockCols: fc.integer({ min: 1, max: 7 }),
    flat: fc.boolean(),
  })
  .map(({ rows, cols, blockRows, blockCols, flat }): BlockGrid => {
    const n = blockRows * blockCols;
    return flat
      ? { kind: "flat", rows, cols, blockRows, blockCols, gridRows: 1, gridCols: Math.ceil((rows * cols) / n), flat: n }
      : {
          ...{ kind: "tile", rows, cols, blockRows, blockCols, flat: 0 },
          gridRows: Math.ceil(rows / blockRows),
          gridCols: Math.ceil(cols / blockCols),
        };
  });

it("parts the matrix into blocks that hold their first element, and sizes that add up", () => {
  fc.assert(
    fc.property(grids, (grid) => {
      const count = new Map<number, number>();
      for (let row = 0; row < grid.rows; row++)
        for (let col = 0; col < grid.cols; col++) {
          const block = blockOf(grid, row, col)!;
          count.set(block, (count.get(block) ?? 0) + 1);
          const e = extentOf(grid, block);
          if (e) expect(row >= e.row0 && row < e.row1 && col >= e.col0 && col < e.col1).toBe(true);
        }
      expect(count.size).toBe(grid.gridRows * grid.gridCols);
      for (const [block, size] of count) {
        expect(blockSize(grid, block)).toBe(size);
        const first = firstOfBlock(grid, block);
        expect(blockOf(grid, first.row, first.col)).toBe(block);
      }
    }),
  );
});

it("knows no block where the recipe has none", () => {
  const grid: BlockGrid = {
    kind: "none",
    rows: 2,
    cols: 2,
    blockRows: 0,
    blockCols: 0,
    gridRows: 0,
    gridCols: 0,
    flat: 0,
  };
  expect(blockOf(grid, 0, 0)).toBeNull();
});
