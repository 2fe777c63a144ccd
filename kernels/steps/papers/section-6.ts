/** Low rank. */
import type { Paper } from "./paper.ts";

export const lowRank: readonly Paper[] = [];
