/** One choice for all items: what every mix is held against. */
import { type AllocationTable, type Assignment, STORED } from "./types.ts";

export interface UniformAssignment extends Assignment {
  /** The choice that all items have that can. */
  of: number;
  /** Items that cannot, and stay as they are stored, at their bits and without a loss. */
  without: number;
}

/**
 * Every choice for all items that can have it, in the order of the choices.
 * @param fixedBits what is spent whatever is chosen
 */
export function uniformAssignments(
  { items, choices, loss, bits }: Pick<AllocationTable, "items" | "choices" | "loss" | "bits">,
  fixedBits: number,
): UniformAssignment[] {
  return choices.map((_, of) => {
    const found: UniformAssignment = {
      ...{ of, choice: new Int32Array(items.length).fill(STORED), loss: 0, bits: fixedBits, without: 0 },
    };
    for (const [i, { storedBits }] of items.entries()) {
      const at = i * choices.length + of;
      if (Number.isFinite(loss[at]) && Number.isFinite(bits[at])) {
        found.choice[i] = of;
        found.loss += loss[at];
        found.bits += bits[at];
      } else {
        found.bits += storedBits;
        found.without++;
      }
    }
    return found;
  });
}
