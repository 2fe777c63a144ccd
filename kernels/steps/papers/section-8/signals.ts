/** Signals of values, gradients and relevance. */
import type { Paper } from "../paper.ts";

export const signals: readonly Paper[] = [];
