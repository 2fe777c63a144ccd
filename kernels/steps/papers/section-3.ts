/** Rounding. */
import type { Paper } from "./paper.ts";

export const roundings: readonly Paper[] = [];
