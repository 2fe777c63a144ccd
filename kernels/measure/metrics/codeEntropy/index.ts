import { entropy } from "../../../exact/entropy.ts";
import type { Metric } from "../metric.ts";

/** Shannon entropy of the code histogram in bits; `null` where codes are not counted (more than 2^19 of them). */
export const codeEntropy = {
  name: "codeEntropy",
  label: "Entropy",
  unit: "b",
  short: "Shannon entropy of the codes",
  long: "Bits that each code carries on average. Well below the width of the code, codes are used unevenly, and could be packed into less.",
  better: "none",
  print: "bits",
  axis: 1,
  needs: ["codes"],
  none: "codes are not counted where there are more than 2^19 of them",
  value: ({ codes }) => codes && entropy(codes),
} as const satisfies Metric;
