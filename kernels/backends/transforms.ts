import type { Plan } from "../plan/plan.ts";
import type { RowTransform } from "../steps/row-transform.ts";
import type { Tile } from "./backend.ts";

/** True where a stretch of values holds NaN or Inf. */
function hasNonFinite(x: Float32Array, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if (x[i] - x[i] !== 0) return true;
  return false;
}

function eachBlock(
  transform: RowTransform,
  rows: number,
  cols: number,
  visit: (from: number, col: number) => void,
): void {
  for (let r = 0; r < rows; r++) {
    for (let col = 0; col < cols; col += transform.block) visit(r * cols + col, col);
  }
}

/** The same for plans whose transforms do the same to rows of one length. */
export const transformsKey = ({ transforms }: Plan): string => transforms.map(({ key }) => key).join("+");

/** Whether a tile's values are still to go through the plan's transforms. */
export const isUnturned = (plan: Plan, tile: Pick<Tile, "original" | "input">): boolean =>
  plan.transforms.length > 0 && tile.input === tile.original;

/**
 * The rows after all steps before the quantizer. A block that holds NaN or Inf is left as it is. Where sums of finite
 * values overflow, so do the results of that block.
 */
export function applyTransforms(plan: Plan, original: Float32Array, rows: number): Float32Array {
  if (plan.transforms.length === 0) return original;
  const x = original.slice();
  for (const t of plan.transforms) {
    // What is not finite keeps its place, since every block that holds it is left out: the input shows where it is.
    eachBlock(t, rows, plan.cols, (from, col) => {
      if (!hasNonFinite(original, from, t.block)) t.forward(x, from, t.block, col);
    });
  }
  return x;
}

/** Undoes the steps on quantized rows, last to first. Blocks that were left out going in are left out again. */
export function invertTransforms(plan: Plan, tile: Tile, quantized: Float32Array): Float32Array {
  if (plan.transforms.length === 0) return quantized;
  const y = quantized.slice();
  for (let k = plan.transforms.length - 1; k >= 0; k--) {
    const t = plan.transforms[k];
    eachBlock(t, tile.rows, tile.cols, (from, col) => {
      if (!hasNonFinite(tile.original, from, t.block)) t.inverse(y, from, t.block, col);
    });
  }
  return y;
}
