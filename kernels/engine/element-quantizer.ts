import { type BlockScale, makeEncoder } from "../codes/scalar/encoder.ts";
import { ladderOf } from "../formats/ladder.ts";
import { blockCount, blockSize, layBlocks, rowPeriod } from "../plan/blocks.ts";
import type { ElementSpec, Plan } from "../plan/plan.ts";
import { roundOnLadder } from "../rounding/on-ladder.ts";
import { buildRounding } from "../rounding/rounding.ts";
import { gather } from "../scales/gather.ts";
import { type Outside, outsideOf, resolveScales, type Scales } from "../scales/resolve.ts";
import { searchBlocks } from "../scales/search.ts";
import { addStatistics, type BlockStatistics, makeStatistics } from "../scales/statistics.ts";
import type { Trials } from "../scales/trials.ts";
import type { ElementQuantizer, Matrix, ZeroPoints } from "../steps/step.ts";
import { importancePart } from "./importance.ts";

/** What a plan's scales are found from. */
interface Found {
  scales: Scales;
  statistics: BlockStatistics;
  trials: Trials | undefined;
}

/**
 * A plan's quantizer as solvers ask it: codes by the encoder that is the definition of every code, with scales that stand or are found
 * anew. Scales and zero points that a solver changes are changed in `found.scales`.
 */
export function elementQuantizer(plan: Plan, operand: Matrix, found: Found): ElementQuantizer {
  const { grid, element } = plan;
  const runs = plan.levels.length > 0 && !grid.flat && grid.kind !== "col" && element.arith === "exact";
  return {
    blockCols: runs ? grid.blockCols : null,
    rowPeriod: rowPeriod(grid),
    encode: encodeColumn(plan, element, found.scales),
    sides: {
      down: encodeColumn(plan, { ...element, rounding: buildRounding(toward("down")) }, found.scales),
      up: encodeColumn(plan, { ...element, rounding: buildRounding(toward("up")) }, found.scales),
    },
    open: openColumn(plan, found.scales),
    refit: refitBlocks(plan, found),
    zeros: element.affine ? zeroPointsOf(plan, operand, found.scales) : null,
  };
}

const toward = (name: "up" | "down") => ({ name, args: [] });

/** Sixteen bits hold what an integer without ends becomes; what would lie beyond those stays there. */
const OPEN_END = 2 ** 15 - 1;

function openColumn(plan: Plan, scales: Scales): ElementQuantizer["open"] {
  const { integer } = plan.element;
  if (!integer) return null;
  const ends = { low: -OPEN_END, high: OPEN_END };
  const open = { ...plan.element, ends, integer: { ...integer, min: -OPEN_END, max: OPEN_END } };
  const encode = encodeColumn(plan, open, scales);
  return (col, row0, values, results) => encode(col, row0, values, results, null);
}

type EncodeColumn = (
  col: number,
  row0: number,
  values: Float32Array,
  results: Float32Array,
  codes: Uint32Array | null,
) => void;

function encodeColumn(plan: Plan, element: ElementSpec, scales: Scales): EncodeColumn {
  const { grid } = plan;
  const encoder = makeEncoder(element);
  const block: BlockScale = { scale: 1, reciprocal: 1, zeroPoint: 0 };
  const scaled = plan.levels.length > 0;
  return (col, row0, values, results, codes) => {
    const n = values.length;
    if (!scaled) return encoder.run(values, 0, n, block, 0, results, codes);
    const { effective, reciprocal, zeroPoints } = scales;
    const across = Math.floor(col / grid.blockCols);
    // Rows in a block before the next one begins; elements, where blocks run on from row to row.
    const { blockRows, gridCols, flat, cols } = grid;
    let left = flat ? 0 : blockRows - (row0 % blockRows);
    let b = flat ? 0 : Math.floor(row0 / blockRows) * gridCols + across;
    for (let i = 0; i < n; i++) {
      if (flat) b = Math.floor(((row0 + i) * cols + col) / flat);
      else if (left === 0) {
        b += gridCols;
        left = blockRows;
      }
      left--;
      block.scale = effective[b];
      if (reciprocal.length > 0) block.reciprocal = reciprocal[b];
      if (zeroPoints.length > 0) block.zeroPoint = zeroPoints[b];
      encoder.run(values, i, i + 1, block, 0, results, codes);
    }
  };
}

/** Finds scales of whole blocks anew by the plan's own rule, under the levels outside, which stay as the whole matrix had them. */
function refitBlocks(plan: Plan, { scales, statistics, trials }: Found): ElementQuantizer["refit"] {
  let outside: Outside | null | undefined;
  return (from, to, row0, values) => {
    const { grid, levels } = plan;
    outside ??= outsideOf(plan, statistics);
    const rows = values.length / (to - from);
    const own = layBlocks(levels[0].shape, rows, to - from);
    const part: Plan = { ...plan, rows, cols: to - from, grid: own, levels: [{ ...levels[0], grid: own }] };
    const [down, across] = [Math.floor(row0 / grid.blockRows), Math.floor(from / grid.blockCols)];
    const whole = (b: number) => (down + Math.floor(b / own.gridCols)) * grid.gridCols + across + (b % own.gridCols);
    const { over, offset } = outside ?? { over: () => 1, offset: 0 };
    const under = outside && { over: (b: number) => over(whole(b)), offset };
    const { importance } = statistics;
    const stats = makeStatistics(part, importance && importancePart(importance, plan.cols, { row0, rows, from, to }));
    addStatistics(part, values, 0, rows, stats);
    if (plan.wholeBlocks) searchBlocks(part, values, 0, rows, stats, trials, under);
    const fresh = resolveScales(part, stats, "all", under);
    const [into, stored] = [scales.levels[0], fresh.levels[0]];
    for (let b = 0; b < fresh.effective.length; b++) {
      const at = whole(b);
      scales.effective[at] = fresh.effective[b];
      if (fresh.zeroPoints.length > 0) scales.zeroPoints[at] = fresh.zeroPoints[b];
      into.values[at] = stored.values[b];
      into.ideal[at] = stored.ideal[b];
      if (into.codes) into.codes[at] = stored.codes![b];
    }
  };
}

function zeroPointsOf(plan: Plan, operand: Matrix, scales: Scales): ZeroPoints {
  const { grid, element } = plan;
  const { max } = element.integer!;
  const { format } = element.zeroPoint!;
  const room = new Float32Array(blockSize(grid, 0));
  const nearest = buildRounding(null);
  return {
    blocks: blockCount(grid),
    max,
    values: (block) => room.slice(0, gather(grid, operand.values, 0, block, room)),
    scale: (block) => scales.effective[block],
    zero: (block) => scales.zeroPoints[block],
    stored(zero) {
      if (format.kind === "identity") return Math.fround(zero);
      const ladder = ladderOf(format);
      const x = { delicate: false, q: zero, numerator: [zero], denominator: 1 };
      const rank = roundOnLadder(ladder, ladder.middles, nearest, x, { stream: 0, index: 0 });
      return ladder.levels[Math.min(ladder.levels.length - 1, Math.max(0, rank))];
    },
    set(block, zero) {
      if (!Number.isInteger(zero) && scales.zeroPoints instanceof Int32Array)
        scales.zeroPoints = Float32Array.from(scales.zeroPoints);
      scales.zeroPoints[block] = zero;
    },
  };
}
