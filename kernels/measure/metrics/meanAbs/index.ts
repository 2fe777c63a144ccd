import type { Metric } from "../metric.ts";
import { measuredCount } from "../terms.ts";

/** Mean |e|; `null` where there are no elements to take it over. */
export const meanAbs = {
  name: "meanAbs",
  label: "Mean |e|",
  unit: "",
  short: "mean magnitude of the error",
  long: "Less ruled by a few large errors than the mean squared error.",
  better: "lower",
  print: "figure",
  axis: "log",
  needs: ["sums"],
  none: "no value is finite with a finite result",
  value({ sums }) {
    const n = measuredCount(sums);
    return n > 0 ? sums.absError / n : null;
  },
} as const satisfies Metric;
