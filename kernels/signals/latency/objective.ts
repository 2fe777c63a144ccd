/** OHQ's objective: accuracy and time in one figure for each choice, so that one search minimises both. */

export interface Objective {
  /** items x choices: what is added up. */
  loss: Float64Array;
  /** What the two columns were divided by: each is 1 where every item has its worst choice. */
  scale: { loss: number; cost: number };
}

/**
 * alpha x loss + (1 - alpha) x cost, each over the sum of its largest finite values by item, so that alpha weighs alike whatever the
 * units: 1 is loss alone, 0 cost alone. A choice without a finite loss, or (below 1) without a finite cost, cannot be had: NaN.
 * @param loss items x choices, row-major, as an allocation's table has it.
 * @param cost In the same order: milliseconds, or bytes.
 * @throws RangeError for alpha outside [0, 1], and for columns that do not go together.
 */
export function weighedObjective(loss: Float64Array, cost: Float64Array, choices: number, alpha: number): Objective {
  if (!(alpha >= 0 && alpha <= 1)) throw new RangeError(`alpha is from 0 to 1, not ${alpha}`);
  if (loss.length !== cost.length || choices < 1 || loss.length % choices !== 0) {
    throw new RangeError(`${loss.length} losses and ${cost.length} costs do not make rows of ${choices} choices`);
  }
  const worst = (of: Float64Array): number => {
    let sum = 0;
    for (let from = 0; from < of.length; from += choices) {
      const row = of.subarray(from, from + choices).filter(Number.isFinite);
      sum += row.reduce((a, b) => Math.max(a, b), 0);
    }
    return sum > 0 ? sum : 1;
  };
  const scale = { loss: worst(loss), cost: worst(cost) };
  const weighed = loss.map((value, i) => {
    if (!Number.isFinite(value)) return Number.NaN;
    if (alpha === 1) return value / scale.loss;
    const both = (alpha * value) / scale.loss + ((1 - alpha) * cost[i]) / scale.cost;
    return Number.isFinite(both) ? both : Number.NaN;
  });
  return { loss: weighed, scale };
}
