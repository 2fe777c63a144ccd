import type { Metric } from "../metric.ts";

/** Cosine between input and result, `null` where either is zero. It is shown as what it lacks to one. */
export const cosine = {
  name: "cosine",
  label: "1 - cosine",
  unit: "",
  short: "one less the cosine between input and result",
  long: "The change of direction alone: scaling all values by one factor leaves it at 0. Smaller is better.",
  better: "lower",
  print: "figure",
  axis: "log",
  needs: ["sums"],
  none: "the squares of the values, or of the results, add up to zero",
  value: ({ sums: { signal, energy, dot } }) => (signal > 0 && energy > 0 ? dot / Math.sqrt(signal * energy) : null),
  // Rounding may leave a cosine a little beside one where nothing was lost, or above it.
  shown: (value, { mse }) => (value === null ? null : mse === 0 ? 0 : Math.max(0, 1 - value)),
} as const satisfies Metric;
