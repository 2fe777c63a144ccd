/** How many scales a search of the stored scale tries: what can be said of it without its values. */
import type { Finding, Plan, ScaleLevel } from "../plan/plan.ts";

export type Search = Extract<Finding, { kind: "search" }>;

/** A scale format of at most this many codes is searched code by code. */
const ALL_CODES = 256;

/** Whether a scale's format is searched code by code, rather than on a grid. */
export const searchesCodes = ({ ladder }: Pick<ScaleLevel, "ladder">): boolean =>
  ladder !== null && ladder.levels.length <= ALL_CODES;

/** Steps of the grid above the plain rule's scale. */
export const stepsAbove = ({ grid, least, most }: Pick<Search, "grid" | "least" | "most">): number =>
  Math.floor(((most - 1) * grid) / (1 - least) + 1e-9);

/** The search of a plan that has one. */
export function searchOf({ levels }: Plan): Search {
  const finding = levels[0]?.rule.finding;
  if (finding?.kind !== "search") throw new Error("a plan without a search was taken for one that has one");
  return finding;
}

/** The most candidates that a block has where its stored scale is searched. */
export function mostCandidates(plan: Plan): number {
  const [level] = plan.levels;
  const search = searchOf(plan);
  if (search.factors) return search.factors.length + 1;
  return searchesCodes(level) ? level.ladder!.levels.length + 1 : search.grid + stepsAbove(search) + 4;
}

/** How often every value of a block is rounded before its scale stands; 0 where nothing is tried. */
export function triesOf(plan: Plan): number {
  const finding = plan.levels[0]?.rule.finding;
  if (finding?.kind === "search") return mostCandidates(plan);
  if (finding?.kind === "learned") return finding.steps;
  return finding?.kind === "shrink" ? finding.grid : 0;
}
