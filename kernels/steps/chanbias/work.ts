import { partOf } from "../../calibration/index.ts";
import { exponentOf } from "../../exact/bits.ts";
import { scaledRows } from "../channels.ts";
import { columnAmax } from "../columns.ts";
import type { FittedTransform } from "../step.ts";
import type { ChanbiasParams } from "./index.ts";

interface Biases extends ChanbiasParams {
  /** What the operand's columns are multiplied by: powers of two. */
  factors: Float32Array;
}

/** log2 of a ratio to the nearest whole number; its middle is the square root of two. */
function wholeLog2(ratio: number): number {
  const e = exponentOf(ratio);
  return ratio * 2 ** -e >= Math.SQRT2 ? e + 1 : e;
}

export const work: FittedTransform<ChanbiasParams, Biases> = {
  kind: "transform",
  async fit(params, operand, job) {
    const { most, of } = params;
    const ranges: ArrayLike<number> =
      of === "columns"
        ? columnAmax(operand)
        : partOf(job.calibration, "max", "chanbias").map((high, c) =>
            Math.max(high, -partOf(job.calibration, "min", "chanbias")[c]),
          );
    await job.checkpoint(1, 1, "channels");
    const loudest = Array.from(ranges).reduce((m, x) => Math.max(m, x), 0);
    // A channel of zeros stays as it is.
    const raised = Float32Array.from(ranges, (x) => (x > 0 ? 2 ** Math.min(most, wholeLog2(loudest / x)) : 1));
    return { ...params, factors: of === "columns" ? raised : raised.map((f) => 1 / f) };
  },
  forward: ({ factors }, rows) => scaledRows(rows, factors, false),
  inverse: ({ factors }, rows) => scaledRows(rows, factors, true),
  dual: ({ factors }) => ({ kind: "channels", from: null, factor: Float64Array.from(factors, (f) => 1 / f) }),
  bits: ({ most, of }, { rows }) =>
    of === "columns" ? [{ what: "exponent of each column", bitsPerWeight: Math.ceil(Math.log2(most + 1)) / rows }] : [],
};
