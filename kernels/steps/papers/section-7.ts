/** Calibration. */
import type { Paper } from "./paper.ts";

export const calibration: readonly Paper[] = [];
