import { type BlockScale, type Encoder, makeEncoder } from "../../codes/scalar/encoder.ts";
import { eachRun } from "../../plan/blocks.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Scales } from "../../scales/resolve.ts";
import { addStatistics } from "../../scales/statistics.ts";
import type { Backend, EncodedTile, Tile } from "../backend.ts";
import { invertTransforms } from "../transforms.ts";
import { accumulate } from "./accumulate.ts";
import { countBlocks, decodeTile } from "./blocks.ts";

/** Encodes a tile run by run; results before the inverse transforms. */
function encodeTile(plan: Plan, tile: Tile, scales: Scales, encoder: Encoder, codes: Uint32Array | null): Float32Array {
  if (plan.codec) {
    const decoded = decodeTile(plan, tile, scales, codes);
    countBlocks(plan, tile, scales, decoded, encoder.counts);
    return decoded;
  }
  const { rows, cols, row0, input } = tile;
  const quantized = new Float32Array(rows * cols);
  const scale: BlockScale = { scale: 1, reciprocal: 1, zeroPoint: 0 };
  const scaled = plan.levels.length > 0;
  const { origin } = plan;
  for (let r = 0; r < rows; r++) {
    const base = r * cols;
    const index = (row0 + r) * cols;
    eachRun(plan.grid, row0 + r, (from, to, block) => {
      if (scaled) {
        scale.scale = scales.effective[block];
        if (scales.reciprocal.length > 0) scale.reciprocal = scales.reciprocal[block];
        if (scales.zeroPoints.length > 0) scale.zeroPoint = scales.zeroPoints[block];
        if (scales.limits) scale.limit = scales.limits[block];
      }
      if (!origin) encoder.run(input, base + from, base + to, scale, index + from, quantized, codes);
      else {
        for (let c = from; c < to; c++) {
          encoder.run(input, base + c, base + c + 1, scale, index + origin[c], quantized, codes);
        }
      }
    });
  }
  return quantized;
}

async function encode(plan: Plan, tile: Tile, scales: Scales): Promise<EncodedTile> {
  const encoder = makeEncoder(plan.element);
  const codes = plan.element.format.kind === "identity" ? null : new Uint32Array(tile.rows * tile.cols);
  const quantized = encodeTile(plan, tile, scales, encoder, codes);
  return { quantized, result: invertTransforms(plan, tile, quantized), codes };
}

/** The definition of every number, in plain TypeScript. */
export const referenceBackend: Backend = {
  name: "reference",
  refuses: () => null,
  async statistics(plan, tile, into) {
    addStatistics(plan, tile.input, tile.row0, tile.rows, into);
  },
  async quantize(plan, tile, scales, into) {
    const encoder = makeEncoder(plan.element);
    const codes = into.codes ? new Uint32Array(tile.rows * tile.cols) : null;
    const quantized = encodeTile(plan, tile, scales, encoder, codes);
    into.saturated += encoder.counts.saturated;
    into.flushed += encoder.counts.flushed;
    if (codes && into.codes) countCodes(tile.input, codes, into.codes);
    accumulate(plan, tile, invertTransforms(plan, tile, quantized), into);
  },
  async measureResult(plan, tile, result, into) {
    accumulate(plan, tile, result, into);
  },
  encode,
};

/** Codes of elements that are not finite are not counted: no recipe chose them. */
function countCodes(input: Float32Array, codes: Uint32Array, counts: Uint32Array): void {
  for (let i = 0; i < codes.length; i++) if (input[i] - input[i] === 0) counts[codes[i]]++;
}
