import type { ResultSignal } from "../signal.ts";
import { binnedEntropy, endsOf } from "../valueEntropy/work.ts";

/**
 * 1 - H(results) / H(values), both in the 256 bins of the values' range: what a coarser code leaves of what eight bits would tell. A
 * little below zero where results spread over more bins than values did; null where a result is missing.
 */
export const work: ResultSignal = {
  of: "results",
  async value({ values, results }) {
    const ends = endsOf(values);
    if (ends === null) return null;
    for (let i = 0; i < values.length; i++) {
      if (values[i] - values[i] === 0 && results[i] - results[i] !== 0) return null;
    }
    const whole = binnedEntropy(values, ends);
    const kept = results.filter((_, i) => values[i] - values[i] === 0);
    return whole > 0 ? 1 - binnedEntropy(kept, ends) / whole : null;
  },
};
