import type { EncodeCounts } from "../../codes/scalar/encoder.ts";
import { unpackRows } from "../../ggml/packed.ts";
import { eachRun } from "../../plan/blocks.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Scales } from "../../scales/resolve.ts";
import type { Tile } from "../backend.ts";

/** The results of a tile from the blocks of a block quantizer, before the inverse transforms. */
export function decodeTile(plan: Plan, tile: Tile, scales: Scales, codes: Uint32Array | null): Float32Array {
  const result = new Float32Array(tile.rows * tile.cols);
  unpackRows(plan.codec!, scales.blocks!.packed, tile.row0, tile.cols, result, codes);
  return result;
}

/** Adds what became of a tile's values to the counts: beyond the range of their block, or zero without being zero. */
export function countBlocks(plan: Plan, tile: Tile, scales: Scales, quantized: Float32Array, into: EncodeCounts): void {
  const { ends } = plan.element;
  const { effective, blocks } = scales;
  for (let r = 0; r < tile.rows; r++) {
    const base = r * tile.cols;
    eachRun(plan.grid, tile.row0 + r, (from, to, block) => {
      const [scale, offset] = [effective[block], blocks!.offsets[block]];
      for (let i = base + from; i < base + to; i++) {
        const x = tile.input[i];
        if (x - x !== 0) continue;
        if (quantized[i] === 0 && x !== 0) into.flushed++;
        if (scale === 0) continue;
        const q = (x - offset) / scale;
        if (q > ends.high || q < ends.low) into.saturated++;
      }
    });
  }
}
