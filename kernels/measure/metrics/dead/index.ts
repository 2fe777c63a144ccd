import type { Metric } from "../metric.ts";

/** Blocks with a non-zero value whose stored scale is zero. */
export const dead = {
  name: "dead",
  label: "Dead",
  unit: "",
  short: "blocks with a non-zero value whose stored scale is zero",
  long: "Every value of such a block became zero, because the format of the scale could not hold so small a one.",
  better: "lower",
  print: "count",
  axis: "log",
  needs: ["scales"],
  value: (measured) => measured.dead,
} as const satisfies Metric;
