import type { Metric } from "../metric.ts";

/** Non-zero values that got a code of zero; `null` where no code is zero's (vectors). */
export const flushed = {
  name: "flushed",
  label: "Flushed",
  unit: "",
  short: "non-zero values that got the code of zero",
  long: "They were too small for the scale of their block, and are lost. Many of them tell of a large value beside them.",
  better: "lower",
  print: "count",
  axis: "log",
  needs: ["sums"],
  brief: "one tensor",
  none: "no code of vectors is that of zero",
  value: ({ sums, ranged }) => (ranged ? sums.flushed : null),
} as const satisfies Metric;
