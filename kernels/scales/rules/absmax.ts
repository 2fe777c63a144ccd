import { EXTENT, scaleRule } from "./scale-rule.ts";

/** The plain rule: the largest magnitude of a block just fits. */
export const absmax = scaleRule({
  entry: { name: "absmax", describe: "largest magnitude of the block", params: [] },
  takes: { symmetric: true, affine: false, signed: true, scales: true },
  plan: () => EXTENT,
  offers: ["absmax"],
});
