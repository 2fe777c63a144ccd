/** What the scores foretell of any assignment: the sum of its tensors' losses. */
import type { AllocationTable } from "../../../../../kernels/allocation/types.ts";
import { KEEP } from "../../../../../kernels/notation/index.ts";
import type { Estimate } from "../../../../../workers/lm/figures/index.ts";
import type { MeasuredPoint } from "./points.ts";
import type { Measurement } from "./store.ts";

/**
 * The sum of losses over the table's items; a tensor that is kept loses nothing. Null where a tensor has a recipe that was not scored, or no
 * figure under it: a sum without it would be too small.
 */
export function predictedOf(table: AllocationTable, assigned: ReadonlyMap<string, string>): number | null {
  const places = new Map(table.choices.map((choice, c) => [choice, c]));
  let sum = 0;
  let met = 0;
  for (const [i, { name }] of table.items.entries()) {
    const recipe = assigned.get(name) ?? KEEP;
    if (recipe === KEEP) continue;
    met++;
    const c = places.get(recipe);
    const loss = c === undefined ? Number.NaN : table.loss[i * table.choices.length + c];
    if (!Number.isFinite(loss)) return null;
    sum += loss;
  }
  let changed = 0;
  for (const recipe of assigned.values()) if (recipe !== KEEP) changed++;
  return changed > met ? null : sum;
}

/** A measurement as a point; `chosen` are the rules of the mix that is chosen now. */
export function pointOf(
  { candidate, mix }: Measurement,
  table: AllocationTable | null,
  chosen: string | null,
): MeasuredPoint {
  const { kind, label, rules, assigned, notes } = candidate;
  const now = rules === chosen ? "mix" : kind === "mix" ? "neighbour" : kind;
  const { failed, bitsPerWeight, kl, broken } = mix;
  return {
    ...{ id: rules, kind: now, label },
    bits: Number.isFinite(bitsPerWeight) ? bitsPerWeight : null,
    predicted: table && predictedOf(table, assigned),
    measured: failed === null ? kl : null,
    notes: [
      ...notes,
      ...(failed === null ? [] : [`could not be measured: ${failed}`]),
      ...(broken > 0
        ? [`${broken.toLocaleString("en")} predictions have logits that are not finite: it has no mean KL`]
        : []),
    ],
  };
}

/** KL of the measurement less that of the mix that is chosen now, paired by window; null where both were not run together. */
export const lessMix = ({ mix, beside }: Measurement, chosen: string | null): Estimate | null =>
  beside !== null && beside === chosen ? mix.against : null;
