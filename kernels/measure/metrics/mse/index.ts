import type { Metric } from "../metric.ts";
import { measuredCount } from "../terms.ts";

/** Mean squared error, over the elements whose value and result are finite; `null` where there are none. */
export const mse = {
  name: "mse",
  label: "MSE",
  unit: "",
  short: "mean squared error",
  long: "In squared units of the values, so that it says nothing across tensors of other sizes.",
  better: "lower",
  print: "figure",
  axis: "log",
  needs: ["sums"],
  none: "no value is finite with a finite result",
  value({ sums }) {
    const n = measuredCount(sums);
    return n > 0 ? sums.error / n : null;
  },
} as const satisfies Metric;
