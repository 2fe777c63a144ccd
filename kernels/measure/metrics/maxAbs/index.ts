import type { Metric } from "../metric.ts";
import { measuredCount } from "../terms.ts";

/** Largest |e|; `null` where there are no elements to take it over. */
export const maxAbs = {
  name: "maxAbs",
  label: "Max |e|",
  unit: "",
  short: "largest error of an element",
  long: "One element decides it. Large beside the mean it tells of a value that was clipped.",
  better: "lower",
  print: "figure",
  axis: "log",
  needs: ["sums"],
  brief: "one tensor",
  none: "no value is finite with a finite result",
  value: ({ sums }) => (measuredCount(sums) > 0 ? sums.maxAbs : null),
} as const satisfies Metric;
