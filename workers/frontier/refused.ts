/** Why choices cannot be had, as far as a frontier may come to say it: a table's words are a function, which does not go over to a worker. */
import { isPossible } from "../../kernels/allocation/groups.ts";
import type { AllocationTable } from "../../kernels/allocation/types.ts";
import { FREE } from "./request.ts";

/**
 * By place in the table (item * choices + choice): the clauses for tensors that nothing suits, and for those that a pin, or the pin of one
 * that they are tied to, gives what they cannot have. Of half a million tensors these are few.
 */
export function refusedOf(table: AllocationTable, pinned: Int32Array): Map<number, string> {
  const { items, choices } = table;
  const width = choices.length;
  const found = new Map<number, string>();
  const pinOfTie = new Map<string, number>();
  for (const [item, choice] of pinned.entries()) {
    const { tie } = items[item];
    if (choice >= 0 && tie !== null) pinOfTie.set(tie, choice);
  }
  const add = (item: number, choice: number) => {
    const why = table.refused(item, choice);
    if (why !== null) found.set(item * width + choice, why);
  };
  for (const [item, { tie }] of items.entries()) {
    const own = pinned[item];
    const pin = own === FREE && tie !== null ? (pinOfTie.get(tie) ?? FREE) : own;
    if (pin >= 0 && !isPossible(table, item, pin)) add(item, pin);
    // What stays as it is can be had nearly always, and stands last.
    let c = width - 1;
    while (c >= 0 && !isPossible(table, item, c)) c--;
    if (c < 0 && width > 0) add(item, 0);
  }
  return found;
}
