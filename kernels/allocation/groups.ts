/** What is chosen for at once: items of one tie as one, with the choices that could be on a frontier. */
import {
  type AllocationControl,
  AllocationError,
  type AllocationTable,
  type Assignment,
  type Constraints,
  type Left,
  STORED,
} from "./types.ts";

/** Typed arrays alone, but for the words of `left`: they go to another thread as they are. */
export interface Groups {
  /** Number of groups. */
  count: number;
  /** Items of the table. */
  items: number;
  /** By item: its group. Groups are numbered by their first items. */
  groupOf: Int32Array;
  /** Where the choices of each group begin in the next three; count + 1. */
  starts: Uint32Array;
  /** The choice, or STORED. */
  choice: Int16Array;
  /** Sums over the group's items; within a group bits rise strictly and losses fall strictly: the others are never better. */
  bits: Float64Array;
  loss: Float64Array;
  fixedBits: number;
  left: Left[];
}

/** Items looked at between two looks at the control: some milliseconds. */
const PIECE = 4096;
const MAX_CHOICES = 4096;

/**
 * Sums up ties, keeps to the constraints and leaves out choices that another one beats (no more bits, no more loss; the first of equals stays).
 *
 * @throws {AllocationError} where pins contradict each other or name what cannot be had, or where bits add up to more than 2^53.
 */
export async function groupItems(
  table: AllocationTable,
  constraints: Constraints,
  control: AllocationControl,
): Promise<Groups> {
  checkTable(table, constraints);
  const { items, choices } = table;
  const groupOf = new Int32Array(items.length);
  const [count, members] = membersOf(table, groupOf);
  const starts = new Uint32Array(count + 1);
  const kept = new Kept();
  const reasons = new Map<string, number[]>();
  const own = { choice: new Int32Array(choices.length + 1), bits: new Float64Array(choices.length + 1) };
  const loss = new Float64Array(choices.length + 1);
  for (let group = 0; group < count; group++) {
    if (group % PIECE === 0) await control.checkpoint(group, count, "tensors and their ties");
    const of = members(group);
    const pin = pinOf(table, constraints, of);
    let n = 0;
    for (let c = 0; c < choices.length; c++) {
      if (pin !== null ? c !== pin : of.some((item) => constraints.forbids(item, c) !== null)) continue;
      let [lost, bits] = [0, 0];
      for (const item of of) {
        lost += table.loss[item * choices.length + c];
        const cost = table.bits[item * choices.length + c];
        bits += cost >= 0 ? cost : Number.NaN;
      }
      if (!Number.isFinite(lost) || !Number.isFinite(bits)) continue;
      own.choice[n] = c;
      own.bits[n] = bits;
      loss[n++] = lost;
    }
    if (n === 0) {
      if (pin !== null && pin !== STORED) throw new AllocationError(badPin(table, of, pin));
      if (pin === null) {
        const why = whyNone(table, constraints, of);
        const alike = reasons.get(why);
        if (alike) alike.push(...of);
        else reasons.set(why, of);
      }
      own.choice[0] = STORED;
      own.bits[0] = of.reduce((sum, item) => sum + items[item].storedBits, 0);
      loss[0] = 0;
      n = 1;
    }
    kept.add(own.choice, own.bits, loss, n);
    starts[group + 1] = kept.length;
  }
  const left = [...reasons].map(([why, items]) => ({ why, items }));
  const groups = { count, items: items.length, groupOf, starts, ...kept.arrays(), left };
  const most = mostBits(groups) + constraints.fixedBits;
  if (!(most <= Number.MAX_SAFE_INTEGER))
    throw new AllocationError(`${most} bits are more than can be counted one by one`);
  return { ...groups, fixedBits: constraints.fixedBits };
}

function checkTable({ items, choices, loss, bits }: AllocationTable, { fixedBits }: Constraints): void {
  const cells = items.length * choices.length;
  if (loss.length !== cells || bits.length !== cells) {
    throw new AllocationError(
      `${items.length} items and ${choices.length} choices need ${cells} losses and bits, and there are ${loss.length} and ${bits.length}`,
    );
  }
  if (choices.length > MAX_CHOICES) {
    throw new AllocationError(`at most ${MAX_CHOICES} choices can be told apart, and there are ${choices.length}`);
  }
  if (!Number.isSafeInteger(fixedBits) || fixedBits < 0) {
    throw new AllocationError(`fixed bits are a whole number, and not ${fixedBits}`);
  }
}

/** How many groups there are, and the items of each. */
function membersOf({ items }: AllocationTable, groupOf: Int32Array): [number, (group: number) => number[]] {
  const ties = new Map<string, number>();
  let count = 0;
  for (const [item, { tie }] of items.entries()) {
    let group = tie === null ? undefined : ties.get(tie);
    if (group === undefined) {
      group = count++;
      if (tie !== null) ties.set(tie, group);
    }
    groupOf[item] = group;
  }
  const starts = new Uint32Array(count + 1);
  for (const group of groupOf) starts[group + 1]++;
  for (let g = 0; g < count; g++) starts[g + 1] += starts[g];
  const next = starts.slice();
  const sorted = new Uint32Array(items.length);
  for (let item = 0; item < items.length; item++) sorted[next[groupOf[item]]++] = item;
  return [count, (group) => [...sorted.subarray(starts[group], starts[group + 1])]];
}

/** Choices that nothing beats, of group after group, in arrays that grow. */
class Kept {
  length = 0;
  #choice = new Int16Array(1024);
  #bits = new Float64Array(1024);
  #loss = new Float64Array(1024);
  readonly #order: number[] = [];

  add(choice: Int32Array, bits: Float64Array, loss: Float64Array, n: number): void {
    const order = this.#order;
    order.length = 0;
    for (let k = 0; k < n; k++) order.push(k);
    order.sort((a, b) => bits[a] - bits[b] || loss[a] - loss[b] || a - b);
    let least = Number.POSITIVE_INFINITY;
    for (const k of order) {
      if (loss[k] >= least) continue;
      least = loss[k];
      if (this.length === this.#choice.length) this.#grow();
      this.#choice[this.length] = choice[k];
      this.#bits[this.length] = bits[k];
      this.#loss[this.length++] = loss[k];
    }
  }

  #grow(): void {
    const longer = <T extends Int16Array | Float64Array>(array: T, to: T): T => {
      to.set(array);
      return to;
    };
    const length = 2 * this.length;
    this.#choice = longer(this.#choice, new Int16Array(length));
    this.#bits = longer(this.#bits, new Float64Array(length));
    this.#loss = longer(this.#loss, new Float64Array(length));
  }

  arrays() {
    const { length } = this;
    return {
      choice: this.#choice.slice(0, length),
      bits: this.#bits.slice(0, length),
      loss: this.#loss.slice(0, length),
    };
  }
}

function pinOf({ items, choices }: AllocationTable, { pinned }: Constraints, of: readonly number[]): number | null {
  if (pinned.size === 0) return null;
  let [pin, by]: [number | null, number] = [null, -1];
  for (const item of of) {
    const own = pinned.get(item);
    if (own === undefined) continue;
    if (own !== STORED && !(own >= 0 && own < choices.length)) {
      throw new AllocationError(`${items[item].name} is pinned to choice ${own}, and there are ${choices.length}`);
    }
    if (pin !== null && own !== pin) {
      const word = (choice: number) => (choice === STORED ? "what is stored" : choices[choice]);
      throw new AllocationError(
        `${items[by].name} is pinned to ${word(pin)} and ${items[item].name} to ${word(own)}, and both get one choice`,
      );
    }
    [pin, by] = [own, item];
  }
  return pin;
}

function badPin({ items, choices, ...table }: AllocationTable, of: readonly number[], pin: number): string {
  const bad = of.find((item) => !isPossible({ items, choices, ...table }, item, pin)) ?? of[0];
  const why = table.refused(bad, pin) ?? "it has no figure for it";
  const whose = of.length > 1 ? ` with ${of.length - 1} more of its tie` : "";
  return `${items[bad].name} is pinned${whose} to ${choices[pin]}, which it cannot have: ${why}`;
}

/** Whether a table has a loss and bits of an item's choice. */
export function isPossible({ choices, loss, bits }: AllocationTable, item: number, choice: number): boolean {
  const at = item * choices.length + choice;
  return Number.isFinite(loss[at]) && bits[at] >= 0 && Number.isFinite(bits[at]);
}

function whyNone(table: AllocationTable, constraints: Constraints, of: readonly number[]): string {
  const { items, choices } = table;
  for (const item of of) {
    const possible = choices.flatMap((_, c) => (isPossible(table, item, c) ? [c] : []));
    const named = of.length > 1 ? ` (${items[item].name}, which goes with others)` : "";
    if (possible.length === 0) {
      const why = choices.length > 0 ? table.refused(item, 0) : "there is none";
      return `no recipe of the grid goes with it${named}: ${why ?? "none has a finite figure"}`;
    }
    const forbidden = possible.map((c) => constraints.forbids(item, c));
    if (forbidden.every((why) => why !== null)) return `what it could have is forbidden${named}: ${forbidden[0]}`;
  }
  return "no one recipe goes with all that are tied together";
}

/** Bits of the dearest choice of every group, without fixed ones. */
export const mostBits = ({ count, starts, bits }: Pick<Groups, "count" | "starts" | "bits">): number => {
  let sum = 0;
  for (let g = 0; g < count; g++) sum += bits[starts[g + 1] - 1];
  return sum;
};

/** Bits of the cheapest choice of every group, without fixed ones. */
export const leastBits = ({ count, starts, bits }: Groups): number => {
  let sum = 0;
  for (let g = 0; g < count; g++) sum += bits[starts[g]];
  return sum;
};

/** The assignment where each group has its choice of this place in `choice`, `bits` and `loss`. */
export function assignmentOf(groups: Groups, at: ArrayLike<number>): Assignment {
  const { groupOf, fixedBits } = groups;
  let [loss, bits] = [0, fixedBits];
  for (let g = 0; g < groups.count; g++) {
    loss += groups.loss[at[g]];
    bits += groups.bits[at[g]];
  }
  const choice = new Int32Array(groupOf.length);
  for (let item = 0; item < choice.length; item++) choice[item] = groups.choice[at[groupOf[item]]];
  return { choice, loss, bits };
}
