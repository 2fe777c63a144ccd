/** What is worth measuring beside the chosen mix: its neighbours on the frontier, and one recipe for all at as many bits. */
import { type AllocationTable, type Frontier, within } from "../../../../../kernels/allocation/types.ts";
import { uniformAssignments } from "../../../../../kernels/allocation/uniform.ts";

/** Bits of neighbours as shares of the chosen mix's: near enough to ask whether it stands at its place by luck. */
const NEAR = [0.94, 0.97, 1.03, 1.06] as const;

/** Points of the frontier about `point`, at most four, by bits; none twice, and not the chosen one. */
export function neighboursOf(frontier: Pick<Frontier, "bits">, point: number): number[] {
  const { bits } = frontier;
  if (point < 0 || point >= bits.length) return [];
  const found = new Set<number>();
  for (const share of NEAR) {
    const near = within(frontier, bits[point] * share);
    if (near >= 0 && near !== point) found.add(near);
  }
  // Where a step of the frontier is wider than those shares, its next points are as near as it gets.
  if (![...found].some((at) => at < point) && point > 0) found.add(point - 1);
  if (![...found].some((at) => at > point) && point + 1 < bits.length) found.add(point + 1);
  return [...found].sort((x, y) => x - y);
}

export interface Uniform {
  choice: number;
  /** Of all items and what is fixed. */
  bits: number;
  /** Sum of losses; NaN where an item that has the recipe has no figure. */
  loss: number;
  /** By item: the choice, or the one that it is left with. */
  choices: Int32Array;
  /** Items that could not take it and are kept as stored. */
  kept: number;
}

/**
 * One recipe for all items, those that cannot take it kept as stored. `keep` itself is none.
 * @param fixedBits what is spent whatever is chosen
 */
export function uniformsOf(table: AllocationTable, fixedBits: number, keep = "keep"): Uniform[] {
  return uniformAssignments(table, fixedBits)
    .filter(({ of, without }) => table.choices[of] !== keep && without < table.items.length)
    .map(({ of, bits, loss, choice, without }) => ({ choice: of, bits, loss, choices: choice, kept: without }));
}

/**
 * The uniform recipes to hold a mix against: of those no larger than it the one of least predicted loss and the largest, and the next
 * one above, which says what a little more room would buy.
 */
export function rivalsOf(uniforms: readonly Uniform[], bits: number): Uniform[] {
  const fit = uniforms.filter((one) => one.bits <= bits);
  const above = uniforms.filter((one) => one.bits > bits);
  const least = (list: readonly Uniform[], of: (one: Uniform) => number): Uniform[] =>
    list.length === 0 ? [] : [list.reduce((best, one) => (of(one) < of(best) ? one : best))];
  const chosen = [
    ...least(fit, ({ loss }) => loss),
    ...least(fit, (one) => -one.bits),
    ...least(above, (one) => one.bits),
  ];
  return [...new Set(chosen)].sort((x, y) => x.bits - y.bits);
}
