/**
 * Every paper whose technique is here: which recipes, on what, and what it claims as a number. A section of the
 * catalogue is a file of `papers/` and a line here; the list is loaded when it is asked for. `workers/sources/papers.test.ts` holds the engine to it.
 */
import type { Paper } from "./papers/paper.ts";

export type {
  Claim,
  ComputedClaim,
  Generated,
  Paper,
  PaperFigure,
  PaperInput,
  PaperRecipe,
  RecipeClaim,
} from "./papers/paper.ts";

/** A section's papers, in the order of the catalogue. */
export const sections: readonly (() => Promise<readonly Paper[]>)[] = [
  async () => (await import("./papers/section-1.ts")).formats,
  async () => (await import("./papers/section-2.ts")).scales,
  async () => (await import("./papers/section-3.ts")).roundings,
  async () => (await import("./papers/section-4.ts")).transforms,
  async () => (await import("./papers/section-5.ts")).outliers,
  async () => (await import("./papers/section-6.ts")).lowRank,
  async () => (await import("./papers/section-7.ts")).calibration,
  async () => (await import("./papers/section-8.ts")).allocation,
  async () => (await import("./papers/section-11.ts")).adjacent,
];

/** All of them. */
export const papers = async (): Promise<Paper[]> => (await Promise.all(sections.map((load) => load()))).flat();
