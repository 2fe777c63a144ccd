import type { Metric } from "../metric.ts";

/** 1 - <x,y>/<x,x>; `null` where the signal is zero. */
export const bias = {
  name: "bias",
  label: "Bias",
  unit: "",
  short: "1 - <x,y>/<x,x>, how much the result shrinks",
  long: "0.01 means that the result, held against the input, is one per cent too small as a whole; below zero it is too large.",
  better: "lower",
  print: "figure",
  axis: "log",
  needs: ["sums"],
  signed: true,
  none: "the squares of the values add up to zero",
  value: ({ sums: { signal, dot } }) => (signal > 0 ? 1 - dot / signal : null),
} as const satisfies Metric;
