import type { Metric } from "../metric.ts";

/** Codes at the end of the range for values beyond it; `null` where codes have no range of their own (vectors). */
export const saturated = {
  name: "saturated",
  label: "Saturated",
  unit: "",
  short: "codes at the end of the range for values beyond it",
  long: "These values were clipped. Scales from the largest magnitude clip none but by their own rounding; searched scales clip on purpose.",
  better: "lower",
  print: "count",
  axis: "log",
  needs: ["sums"],
  brief: "one tensor",
  none: "codes of vectors have no range of their own",
  value: ({ sums, ranged }) => (ranged ? sums.saturated : null),
} as const satisfies Metric;
