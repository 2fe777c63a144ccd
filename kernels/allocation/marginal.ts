/** Where an allocation stands: what one more bit would gain and what one fewer would lose, and how sure its loss is. */
import type { Groups } from "./groups.ts";
import { type AllocationTable, type Assignment, STORED } from "./types.ts";

/** Of an item with all that is tied to it. */
export interface Marginal {
  /** Loss that the best change upwards takes off for each bit that it adds; 0 where nothing dearer is better. */
  gain: number;
  /** Loss that the best change downwards adds for each bit that it saves (below 0: it is better and cheaper); Infinity where nothing is cheaper. */
  cost: number;
  /** Those choices; null where there is none. */
  up: number | null;
  down: number | null;
}

/** By group: rates of an allocation, whoever made it: its choices may be ones that others beat. */
export function marginalRates(
  { items, choices, loss, bits }: AllocationTable,
  groups: Groups,
  { choice }: Pick<Assignment, "choice">,
): Marginal[] {
  const own = Array.from({ length: groups.count }, () => ({ loss: 0, bits: 0 }));
  for (const [item, group] of groups.groupOf.entries()) {
    const at = item * choices.length + choice[item];
    own[group].loss += choice[item] === STORED ? 0 : loss[at];
    own[group].bits += choice[item] === STORED ? items[item].storedBits : bits[at];
  }
  return own.map((now, g) => {
    const found: Marginal = { gain: 0, cost: Number.POSITIVE_INFINITY, up: null, down: null };
    for (let k = groups.starts[g]; k < groups.starts[g + 1]; k++) {
      const more = groups.bits[k] - now.bits;
      const rate = (now.loss - groups.loss[k]) / more;
      if (more > 0 && rate > found.gain) {
        found.gain = rate;
        found.up = groups.choice[k];
      }
      if (more < 0 && rate < found.cost) {
        found.cost = rate;
        found.down = groups.choice[k];
      }
    }
    return found;
  });
}

/**
 * Standard error of an allocation's loss; null where no errors are known. Losses that were estimated apart from each other (rows drawn of
 * each tensor) add their variances; of such as share what they were estimated on (windows of one text) nobody knows how they go together,
 * and the errors themselves are added: it is no larger.
 */
export function lossError(
  { choices, deviation }: Pick<AllocationTable, "choices" | "deviation">,
  { choice }: Pick<Assignment, "choice">,
  shared = false,
): number | null {
  if (!deviation) return null;
  let [squares, sum] = [0, 0];
  for (const [item, c] of choice.entries()) {
    if (c === STORED) continue;
    const own = deviation[item * choices.length + c];
    if (!(own > 0)) continue;
    squares += own * own;
    sum += own;
  }
  return shared ? sum : Math.sqrt(squares);
}
