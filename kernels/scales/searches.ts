/** What there is to know of a plan's search before anything is searched. */
import type { Plan } from "../plan/plan.ts";
import { withoutChance } from "../rounding/rounding.ts";

/** Whether a plan's search takes the statistics of all blocks: the scales outside stand before it begins. */
export const searchesLater = ({ levels }: Plan): boolean =>
  levels[0]?.rule.finding.kind === "search" && (levels.length > 1 || levels[0].offset === "mean");

/**
 * What a search depends on, of plans with the same steps over the same values: those with equal keys find the same. Clips go
 * by the values of a block alone, searches by what is made of them too. null where a plan does not search.
 */
export function searchKey(plan: Plan): string | null {
  if (!plan.wholeBlocks) return null;
  const { recipe, element, levels } = plan;
  const [{ rule, shape, divisor }] = levels;
  const values = JSON.stringify([shape, rule.name, rule.params, element.affine, divisor < 0]);
  if (rule.finding.kind === "clip") return values;
  const { base, scale } = recipe.quantizer;
  return `${values} ${JSON.stringify([base, searchedElement(plan).rounding.mode, scale])}`;
}

/** The element as a search rounds it: chance has no part in what a scale costs, the nearest level says it. */
export function searchedElement({ element }: Plan): Plan["element"] {
  const rounding = withoutChance(element.rounding);
  return rounding === element.rounding ? element : { ...element, rounding };
}
