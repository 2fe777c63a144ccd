import { checkWidth, partOf } from "../../calibration/needs.ts";
import type { RowSignal, SignalRows } from "../signal.ts";
import { squaredTerms } from "../terms.ts";

/** The mean squares of the inputs that a row meets: those of its expert, where rows belong to several. */
export function importanceOf({ rows, cols, calibration }: SignalRows, who: string): (row: number) => ArrayLike<number> {
  const shared = partOf(calibration, "meanSquare", who);
  checkWidth(calibration!, cols, "the weight");
  const experts = calibration?.experts;
  if (!experts || rows % experts.count !== 0) return () => shared;
  const each = rows / experts.count;
  return (row) => {
    const from = Math.floor(row / each) * cols;
    return experts.meanSquare.subarray(from, from + cols);
  };
}

export const work: RowSignal = {
  of: "rows",
  terms: async (rows) => squaredTerms(rows, importanceOf(rows, "imatrix")),
  value: ({ error, elements }) => (elements > 0 ? error : null),
};
