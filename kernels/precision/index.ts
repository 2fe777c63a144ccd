/** How precise a format is: exact bounds of its relative error, and its squared error on normally distributed values. */
export { type BestClip, bestClip, gaussianError, isCoarse } from "./gaussian.ts";
export type { Rounded } from "./pieces.ts";
export { bitsAboveLimit, bitsAboveLloyd, gaussianLimit, LLOYD_MAX } from "./rates.ts";
export { centredOf, roundedOf } from "./rounded.ts";
export { type Gap, gapAt, gapOf, isMirrored, magnitudes, type Sign, type Worst, worstBetween } from "./worst.ts";
