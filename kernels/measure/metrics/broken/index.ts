import type { Metric } from "../metric.ts";

/**
 * Results that are NaN or Inf, or so far off that the error is, of values that are finite. No figure of errors holds them, so that
 * whatever has some cannot be compared: see `isBroken`.
 */
export const broken = {
  name: "broken",
  label: "Broken",
  unit: "",
  short:
    "results that are NaN or Inf where values are finite; every other figure leaves them out, so nothing can be compared",
  long: "The recipe overflowed. A model with such weights gives no answers, so a recipe with broken results wins nothing here.",
  better: "lower",
  print: "count",
  axis: "log",
  needs: ["sums"],
  whole: true,
  brief: "where any",
  value: ({ sums }) => sums.brokenResults,
} as const satisfies Metric;
