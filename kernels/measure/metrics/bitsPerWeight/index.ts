import type { Metric } from "../metric.ts";

/** Everything stored, over the number of elements. */
export const bitsPerWeight = {
  name: "bitsPerWeight",
  label: "Bits/weight",
  column: "bits",
  unit: "b",
  along: "bits a weight",
  short: "everything stored, over the number of elements",
  long: "Codes, scales, zero points and offsets together. Where they go stands at the end of the table.",
  better: "lower",
  print: "bits",
  axis: 1,
  needs: ["bits"],
  whole: true,
  headline: true,
  value: (measured) => measured.bitsPerWeight,
} as const satisfies Metric;
