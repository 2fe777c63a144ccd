import { outputTermsFor } from "../outputError/work.ts";
import type { RowSignal } from "../signal.ts";

/** 10 log10 of the outputs' relative squared error: minus their SQNR, so that less is better. Null where there is no error. */
export const work: RowSignal = {
  of: "rows",
  terms: outputTermsFor("outputSqnr"),
  value: ({ error, signal }) => (error > 0 && signal > 0 ? 10 * Math.log10(error / signal) : null),
};
