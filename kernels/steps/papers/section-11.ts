/** Techniques from beside quantization. */
import type { Paper } from "./paper.ts";

export const adjacent: readonly Paper[] = [];
