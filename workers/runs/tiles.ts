import type { Quantized, QuantizedRows } from "../../kernels/engine/types.ts";
import { rowPeriod } from "../../kernels/plan/blocks.ts";

const TILE_ELEMENTS = 2 ** 18;

/** Rows [row0, row1) in tiles of some 2^18 elements, cut where blocks end so that few are quantized twice. */
export async function* tiles(
  quantized: Quantized,
  row0: number,
  row1: number,
  pace: () => Promise<void>,
): AsyncGenerator<QuantizedRows> {
  const { grid, cols } = quantized.plan;
  const wanted = Math.max(1, Math.floor(TILE_ELEMENTS / cols));
  const period = rowPeriod(grid);
  // Blocks taller than a tile (a column, a tensor) are cut: their scales are known by now.
  const step = period < wanted ? Math.floor(wanted / period) * period : wanted;
  for (let row = row0; row < row1; ) {
    const end = Math.min(row1, (Math.floor(row / step) + 1) * step);
    yield await quantized.rows(row, end);
    await pace();
    row = end;
  }
}
