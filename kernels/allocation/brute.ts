import { assignmentOf, type Groups } from "./groups.ts";
import { AllocationError, type Assignment } from "./types.ts";

const MAX_TRIED = 5e7;

/**
 * The allocation of least loss within a budget, found by trying all of them: what every other way is held to. Of equal losses that of least
 * bits. Null where none is cheap enough.
 *
 * @throws {AllocationError} beyond 5e7 allocations.
 */
export function bruteForce(groups: Groups, budgetBits: number): Assignment | null {
  const { count, starts, bits, loss, fixedBits } = groups;
  let all = 1;
  for (let g = 0; g < count; g++) all *= starts[g + 1] - starts[g];
  if (all > MAX_TRIED) throw new AllocationError(`${all} allocations are too many to try`);
  const at = starts.slice(0, count);
  let best: { at: Uint32Array; loss: number; bits: number } | null = null;
  for (;;) {
    let [spent, lost] = [fixedBits, 0];
    for (let g = 0; g < count; g++) {
      spent += bits[at[g]];
      lost += loss[at[g]];
    }
    if (spent <= budgetBits && (!best || lost < best.loss || (lost === best.loss && spent < best.bits))) {
      best = { at: at.slice(), loss: lost, bits: spent };
    }
    let g = 0;
    while (g < count && ++at[g] === starts[g + 1]) at[g] = starts[g++];
    if (g === count) return best && assignmentOf(groups, best.at);
  }
}
