/** Searches for an allocation. */
import type { Paper } from "../paper.ts";

export const searches: readonly Paper[] = [];
