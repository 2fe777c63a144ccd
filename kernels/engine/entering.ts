import { readTile } from "../backends/tiles.ts";
import type { Calibration } from "../calibration/types.ts";
import { largest } from "../exact/largest.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { hasLayers } from "../plan/layers.ts";
import type { Plan } from "../plan/plan.ts";
import { VALUE_BINS, valueRangeExponent } from "../report/bins.ts";
import type { Matrix } from "../steps/step.ts";
import { knownTurnedAmax } from "./amax.ts";

const TILE_ELEMENTS = 2 ** 18;

/**
 * The values as they enter a plan's quantizer, after every step before it, as a matrix of its own: the very values that
 * every backend quantizes, by the definition of its steps. The matrix itself where there are none. Blocks that hold NaN
 * or Inf are as the steps leave them, unchanged.
 */
export function enteringSource(
  source: MatrixSource,
  plan: Plan,
  pace: () => Promise<void> = async () => {},
  calibration: Calibration | null = null,
): MatrixSource {
  if (hasLayers(plan)) return enteringLayers(source, plan, pace, calibration);
  if (plan.transforms.length === 0) return source;
  return { ...source, read: async (row0, row1) => (await readTile(source, plan, row0, row1)).input };
}

/**
 * The range [-2^k, 2^k) and the bins in which a report would show these values (see `valueRangeExponent`): of what enters
 * the quantizer, read once where its largest magnitude is not known from a run.
 */
export async function enteringRange(
  source: MatrixSource,
  plan: Plan,
  pace: () => Promise<void>,
  calibration: Calibration | null = null,
): Promise<{ lo: number; hi: number; bins: number }> {
  let amax = knownTurnedAmax(source, plan);
  if (amax === undefined) {
    const entering = enteringSource(source, plan, pace, calibration);
    const step = Math.max(1, Math.floor(TILE_ELEMENTS / plan.cols));
    amax = 0;
    for (let row = 0; row < plan.rows; row += step) {
      amax = largest(await entering.read(row, Math.min(plan.rows, row + step)), amax);
      await pace();
    }
  }
  const limit = 2 ** valueRangeExponent(amax);
  return { lo: -limit, hi: limit, bins: VALUE_BINS };
}

/** Where steps look at values, they do so once, when rows are first asked for. */
function enteringLayers(
  source: MatrixSource,
  plan: Plan,
  pace: () => Promise<void>,
  calibration: Calibration | null,
): MatrixSource {
  let operand: Promise<Matrix> | null = null;
  const { cols } = plan;
  return {
    ...source,
    async read(row0, row1) {
      operand ??= import("./quantize-layers.ts").then(({ enterQuantizer }) =>
        enterQuantizer(source, plan, pace, calibration),
      );
      return (await operand).values.slice(row0 * cols, row1 * cols);
    },
  };
}
