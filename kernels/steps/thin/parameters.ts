/** What steps that keep a part of low rank have in common. */
import type { CalibrationNeed } from "../../calibration/types.ts";
import type { Parameter } from "../../grammar/signature.ts";
import { costs } from "../../linalg/costs.ts";
import type { StepArgs, StepShape } from "../step.ts";

/** What the error of a part is weighed by. */
export type Weighing = "plain" | "meanabs" | "inputs" | "gram" | "outputs";

export const RANK: Parameter = { key: "r", kind: "integer", min: 1, max: 4096, positional: true, describe: "rank" };

export const FACTORS: Parameter = {
  key: "factors",
  kind: "quantizer",
  optional: true,
  describe: "how the factors are stored: f16 if not said",
};

export const BY: Parameter = {
  key: "by",
  kind: "word",
  words: ["plain", "meanabs", "inputs", "gram", "outputs"],
  default: "plain",
  describe:
    "what errors are weighed by: nothing, mean |x| of the inputs (LQER), their root mean square, their Gram matrix, or gradients at the outputs (FWSVD)",
};

const NEEDS: Record<Weighing, CalibrationNeed> = {
  plain: "none",
  meanabs: "channels",
  inputs: "channels",
  gram: "gram",
  outputs: "gradients",
};

/** Rank, as far as the matrix has one, and weights of a call. */
export function readThin(args: StepArgs, { rows, cols }: StepShape) {
  const asked = args.number("r") ?? 1;
  const by = (args.word("by") ?? "plain") as Weighing;
  return { asked, rank: Math.min(asked, rows, cols), by, needs: { reach: "matrix", calibration: NEEDS[by] } as const };
}

/** What so many decompositions take. */
export const thinOperations = ({ rows, cols }: StepShape, rank: number, by: Weighing, count = 1): number =>
  count * costs.truncatedSvd(rows, cols, rank + 8, 30).operations +
  (by === "gram" ? cols ** 3 / 3 + 2 * count * rows * cols ** 2 : 0);
