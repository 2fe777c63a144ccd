/** How much each column matters to a quantizer that weighs them: the mean squares of a calibration. */
import { partOf } from "../calibration/needs.ts";
import type { Calibration } from "../calibration/types.ts";
import type { Importance } from "../ggml/encode.ts";
import { RecipeError } from "../grammar/errors.ts";
import { blockCount } from "../plan/blocks.ts";
import { isWeighted, type Plan } from "../plan/plan.ts";
import type { BlockStatistics } from "../scales/statistics.ts";

/**
 * The weights of a plan's block quantizer or search, as float32; null where it has none, or where a block quantizer has to do without.
 * `calibration` is that behind the steps before it. Throws RecipeError where a search has to have weights and nothing is known of the
 * columns, where a mean square is none, or where experts do not share the rows evenly.
 */
export function importanceOf(plan: Plan, calibration: Calibration | null): Importance | null {
  const rule = plan.levels[0]?.rule;
  if (isWeighted(rule?.finding)) partOf(calibration, "meanSquare", rule.name);
  else if (!plan.codec?.weighs) return null;
  if (!calibration?.meanSquare) return null;
  const who = plan.codec?.name ?? rule.name;
  const { experts, source } = calibration;
  const values = Float32Array.from(experts?.meanSquare ?? calibration.meanSquare);
  const bad = values.findIndex((value) => !(value >= 0 && value < Infinity));
  if (bad >= 0) {
    throw new RecipeError(
      `${source.name}: the mean square of input channel ${bad % plan.cols} is ${values[bad]}, which ${who} cannot weigh by`,
    );
  }
  const count = experts?.count ?? 1;
  if (plan.rows % count !== 0) {
    throw new RecipeError(`${source.name} is of ${count} experts, which do not share ${plan.rows} rows evenly`);
  }
  return { values, rowsEach: plan.rows / count };
}

/** The plan, with a word on it where its quantizer would have used a calibration and there was none. */
export function saidUnweighted(plan: Plan, calibration: Calibration | null): Plan {
  if (plan.unweighted === undefined || calibration?.meanSquare) return plan;
  return { ...plan, notes: [...plan.notes, plan.unweighted] };
}

/** What a run says where descents of learned scales ran away. */
export const saidDiverged = ({ levels }: Plan, { diverged }: BlockStatistics): string[] =>
  diverged === 0
    ? []
    : [
        `~${levels[0].rule.name} diverged in ${diverged} of ${blockCount(levels[0].grid)} blocks, which keep the best that it met: a smaller rate= diverges less`,
      ];

/** The weights of a part of the matrix: `rows` rows from `row0` on, columns [from, to) of `cols`. */
export function importancePart(
  { values, rowsEach }: Importance,
  cols: number,
  { row0, rows, from, to }: { row0: number; rows: number; from: number; to: number },
): Importance {
  const rowAt = (row: number) => {
    const start = Math.floor(row / rowsEach) * cols;
    return values.subarray(start + from, start + to);
  };
  const [first, last] = [row0, row0 + rows - 1].map((row) => Math.floor(row / rowsEach));
  if (first === last) return { values: rowAt(row0), rowsEach: rows };
  const each = new Float32Array(rows * (to - from));
  for (let r = 0; r < rows; r++) each.set(rowAt(row0 + r), r * (to - from));
  return { values: each, rowsEach: 1 };
}
