import { floatBits, floatFromBits } from "../exact/bits.ts";
import type { Plan } from "../plan/plan.ts";
import type { BlockGrid } from "../report/report.ts";
import { isRandom } from "../rounding/modes/index.ts";
import { resolveScales, type Scales } from "./resolve.ts";
import { makeStatistics } from "./statistics.ts";

/**
 * The scale of a block as a staircase over its largest magnitude: a stretch of 2^shift magnitudes' bits holds one step
 * at most. Found by asking `resolveScales`, so that the steps lie where it rounds.
 */
export interface ScaleSteps {
  /** By stretch, the bits of the first magnitude above its step and the rank below it. */
  steps: Uint32Array;
  /** By rank, of MOST_RANKS at most, the stored value and the scale in force. Rank 0 is that of blocks of zeros. */
  stored: Float32Array;
  effective: Float32Array;
  /** Stored values of the levels outside, for the whole tensor. */
  outer: Float32Array[];
}

export const MOST_RANKS = 256;
const NEVER = 0xffffffff;

/** Whether the scale of a block follows from its largest magnitude and that of the tensor alone. */
export function hasPlainScales({ levels, element, codec }: Plan): boolean {
  if (codec || element.affine || element.zeroScale !== null || element.arith !== "exact") return false;
  return levels.every(
    (level, depth) =>
      level.rule.finding.kind === "extent" &&
      level.divisor > 0 &&
      level.offset === "none" &&
      level.least === 0 &&
      !isRandom(level.rounding.mode) &&
      (depth === 0 || level.grid.gridRows * level.grid.gridCols === 1) &&
      depth < 2,
  );
}

/** The plan for blocks of any number, side by side. */
function sideBySide(plan: Plan, blocks: number): Plan {
  const row = (grid: BlockGrid, blockCols: number): BlockGrid => {
    const cols = blocks * blockCols;
    return { ...grid, kind: "run", rows: 1, cols, blockRows: 1, blockCols, gridRows: 1, gridCols: blocks, flat: 0 };
  };
  const grid = row(plan.grid, 1);
  const levels = plan.levels.map((level, depth) => {
    if (depth === 0) return { ...level, grid };
    const whole = { ...level.grid, rows: 1, cols: blocks, blockRows: 1, blockCols: blocks, gridRows: 1, gridCols: 1 };
    return { ...level, grid: whole };
  });
  return { ...plan, rows: 1, cols: grid.cols, grid, levels };
}

/** The scales that blocks of these largest magnitudes have in a tensor of this largest magnitude. */
export function scalesOf(plan: Plan, amaxes: Float32Array, tensor: number): Scales {
  // The tensor's own largest magnitude goes last, for the levels outside.
  const all = sideBySide(plan, amaxes.length + 1);
  const statistics = makeStatistics(all);
  statistics.amax.set(amaxes);
  statistics.amax[amaxes.length] = tensor;
  return resolveScales(all, statistics);
}

/** The staircase for blocks of a tensor whose largest magnitude is `tensor`; null where steps lie too close or are too many. */
export function scaleSteps(plan: Plan, tensor: number, shift: number): ScaleSteps | null {
  const most = floatBits(tensor);
  const stretches = (most >>> shift) + 1;
  const starts = Float32Array.from({ length: stretches + 1 }, (_, k) =>
    floatFromBits(Math.min(most, Math.max(1, (k << shift) >>> 0))),
  );
  const found = scalesOf(plan, starts, tensor);
  const valueAt = (k: number) => found.levels[0].values[k];
  // The first magnitude above the step, by halving all stretches that hold one together.
  const open: { stretch: number; low: number; high: number; value: number }[] = [];
  for (let k = 0; k < stretches; k++) {
    if (valueAt(k) === valueAt(k + 1)) continue;
    open.push({ stretch: k, low: floatBits(starts[k]), high: floatBits(starts[k + 1]), value: valueAt(k) });
  }
  while (open.some(({ low, high }) => high - low > 1)) {
    const middles = open.map(({ low, high }) => (low + high) >>> 1);
    const { values } = scalesOf(plan, Float32Array.from(middles, floatFromBits), tensor).levels[0];
    open.forEach((at, i) => {
      if (values[i] === at.value) at.low = middles[i];
      else at.high = middles[i];
    });
  }
  // Above its step a stretch holds no other.
  const after = scalesOf(
    plan,
    Float32Array.from(open, ({ high }) => floatFromBits(high)),
    tensor,
  ).levels[0].values;
  if (open.some(({ stretch }, i) => after[i] !== valueAt(stretch + 1))) return null;
  const steps = new Uint32Array(2 * 2 ** (31 - shift));
  const edges = [1, ...open.map(({ high }) => high)];
  if (edges.length + 1 > MOST_RANKS || edges.some((edge, i) => edge === edges[i + 1])) return null;
  for (let k = 0, rank = 0; k < stretches; k++) {
    const begin = (k << shift) >>> 0;
    const end = begin + 2 ** shift;
    // A step at the very start of a stretch has happened there.
    while (rank < edges.length && edges[rank] <= begin) rank++;
    const inside = rank < edges.length && edges[rank] < end;
    steps.set([inside ? edges[rank] : NEVER, rank], 2 * k);
    if (inside && edges[rank + 1] < end) return null;
  }
  const firsts = scalesOf(plan, Float32Array.from([0, ...edges.map(floatFromBits)]), tensor);
  return {
    steps,
    stored: firsts.levels[0].values.subarray(0, edges.length + 1),
    effective: firsts.effective.subarray(0, edges.length + 1),
    outer: firsts.levels.slice(1).map(({ values }) => values),
  };
}
