import type { Metric } from "../metric.ts";
import { errorRatio } from "../terms.ts";

/** Sum of squared error over sum of squares; `null` where the signal is zero. */
export const nmse = {
  name: "nmse",
  label: "NMSE",
  unit: "",
  short: "sum of squared error over sum of squares",
  long: "The share of the values' energy that is lost: 0.01 is one per cent. It does not depend on the size of the values.",
  better: "lower",
  print: "figure",
  axis: "log",
  needs: ["sums"],
  brief: "everywhere",
  none: "the squares of the values add up to zero",
  value: ({ sums }) => errorRatio(sums),
  ofRatio: (nmse) => nmse,
} as const satisfies Metric;
