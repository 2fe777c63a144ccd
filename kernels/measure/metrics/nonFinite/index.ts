import type { Metric } from "../metric.ts";

/** NaN and Inf in the input. */
export const nonFinite = {
  name: "nonFinite",
  label: "NaN, Inf",
  unit: "",
  short: "not finite in the input",
  long: "They are in the tensor itself, and are left out of the sums and the scales.",
  better: "none",
  print: "count",
  axis: "log",
  needs: ["sums"],
  value: ({ sums }) => sums.nonFinite,
} as const satisfies Metric;
