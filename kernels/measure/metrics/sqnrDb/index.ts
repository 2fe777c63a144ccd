import type { Metric } from "../metric.ts";
import { decibels, errorRatio } from "../terms.ts";

/** -10 log10(nmse); `null` where there is no error or no signal. */
export const sqnrDb = {
  name: "sqnrDb",
  label: "SQNR",
  unit: "dB",
  short: "signal to quantization noise, -10 log10 NMSE",
  long: "How far the error lies below the values, in decibels: 6 dB more is half the error, about what one more bit a weight brings.",
  better: "higher",
  print: "decibels",
  axis: 5,
  needs: ["sums"],
  headline: true,
  brief: "everywhere",
  none: "the squares of the values add up to zero",
  value: ({ sums }) => decibels(errorRatio(sums)),
  ofRatio: decibels,
  // Without any error there is no ratio, and nothing is better.
  shown: (value, { mse }) => (value === null && mse === 0 ? Number.POSITIVE_INFINITY : value),
} as const satisfies Metric;
