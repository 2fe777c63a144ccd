/** Sensitivities of a model that runs: curvature and interactions. */
import type { Paper } from "../paper.ts";

export const sensitivities: readonly Paper[] = [];
