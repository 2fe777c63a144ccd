/**
 * Allocations between the corners of the hull. Those that are best at a budget differ from the corner before it in few groups, whose steps
 * stand near it on the path (the core; Pisinger, "A minimal algorithm for the multiple-choice knapsack problem", 1995): of each stretch of
 * the path all subsets of its steps are looked at, as a list of sums that is kept short.
 */
import type { Groups } from "./groups.ts";
import type { Hull } from "./hull.ts";
import { placesAfter } from "./hull.ts";
import type { AllocationControl } from "./types.ts";

export interface Core {
  /** By point, bits rising: sums, fixed bits included. */
  bits: Float64Array;
  loss: Float64Array;
  /** Steps of the path before the stretch, and which of its steps are taken, the first as the lowest bit. */
  before: Uint32Array;
  taken: Uint32Array;
}

/** Steps in a stretch; each begins half a stretch after the one before, and answers for its middle half. */
const [LENGTH, STRIDE] = [24, 12];
/** States that are kept of a stretch. */
const STATES = 1024;
/** Longer paths have corners that lie close enough. */
export const MAX_CORE_STEPS = 2 ** 16;
/** Points that are kept of all stretches: more than a slider tells apart. */
const POINTS = 2 ** 18;

/** Points that are kept of one stretch. */
const pointsOf = (steps: number): number => Math.min(STATES, Math.ceil(POINTS / Math.ceil(steps / STRIDE)));

/** Bytes of all points, and of the lists that they are gathered in. */
export const coreBytes = (steps: number): number => (Math.ceil(steps / STRIDE) + 1) * (pointsOf(steps) + 1) * 56;

/** Stretches between two looks at the control. */
const PIECE = 16;

/** Points that may be better than the hull's corners. */
export async function coreOf(groups: Groups, hull: Hull, control: AllocationControl): Promise<Core> {
  const steps = hull.group.length;
  const found = { bits: [] as number[], loss: [] as number[], before: [] as number[], taken: [] as number[] };
  const points = pointsOf(steps);
  const lists = [new States(), new States(), new States()];
  for (let w = 0, first = 0; first < steps; w++, first += STRIDE) {
    if (w % PIECE === 0) await control.checkpoint(first, steps, "between corners");
    const last = Math.min(first + LENGTH, steps);
    const states = subsetsOf(groups, hull, first, last, lists);
    const from = first === 0 ? hull.bits[0] : hull.bits[Math.min(first + LENGTH / 4, steps)];
    const end = hull.bits[last === steps ? steps : first + (3 * LENGTH) / 4];
    let cell = -1;
    for (let k = 0; k < states.length; k++) {
      const bits = hull.bits[first] + states.bits[k];
      if (bits < from || (last < steps && bits >= end)) continue;
      // Of each cell of bits the last one, which loses least.
      const own = Math.floor(((bits - from) / (end - from)) * points);
      const at = own === cell ? found.bits.length - 1 : found.bits.length;
      cell = own;
      found.bits[at] = bits;
      found.loss[at] = hull.loss[first] + states.loss[k];
      found.before[at] = first;
      found.taken[at] = states.taken[k];
    }
    if (last === steps) break;
  }
  return {
    bits: Float64Array.from(found.bits),
    loss: Float64Array.from(found.loss),
    before: Uint32Array.from(found.before),
    taken: Uint32Array.from(found.taken),
  };
}

/** Bits and losses beyond those of a corner, bits rising and losses falling. */
class States {
  length = 0;
  readonly bits = new Float64Array(2 * STATES + 2);
  readonly loss = new Float64Array(2 * STATES + 2);
  readonly taken = new Uint32Array(2 * STATES + 2);

  /** A state at the end, unless the one before it is as good. */
  push(bits: number, loss: number, taken: number): void {
    const last = this.length - 1;
    if (last >= 0 && this.loss[last] <= loss) return;
    const at = last >= 0 && this.bits[last] === bits ? last : this.length++;
    this.bits[at] = bits;
    this.loss[at] = loss;
    this.taken[at] = taken;
  }
}

/** The subsets of a stretch's steps that nothing beats: of a group's steps always the first ones. */
function subsetsOf(groups: Groups, hull: Hull, first: number, last: number, lists: States[]): States {
  let [now, next, merged] = lists;
  now.length = 0;
  now.push(0, 0, 0);
  const range = hull.bits[last] - hull.bits[first];
  const price = (hull.loss[first] - hull.loss[last]) / range;
  for (let step = first; step < last; step++) {
    const group = hull.group[step];
    if (previousOf(hull, step, first) >= 0) continue;
    // What the group has in the stretch: nothing, its first step, its first two ...
    let [bits, loss, taken] = [0, 0, 0];
    let from = hull.from[step];
    next.length = 0;
    for (let k = 0; k < now.length; k++) next.push(now.bits[k], now.loss[k], now.taken[k]);
    for (let own = step; own < last; own++) {
      if (hull.group[own] !== group) continue;
      const to = hull.place[own];
      bits += groups.bits[to] - groups.bits[from];
      loss += groups.loss[to] - groups.loss[from];
      taken |= 1 << (own - first);
      from = to;
      merge(next, now, { bits, loss, taken }, merged);
      [next, merged] = [merged, next];
      thin(next, range, price);
    }
    [now, next] = [next, now];
  }
  return now;
}

/** The step of the same group before this one within the stretch; -1 where there is none. */
function previousOf(hull: Hull, step: number, first: number): number {
  let k = step - 1;
  while (k >= first && hull.group[k] !== hull.group[step]) k--;
  return k >= first ? k : -1;
}

/** Both lists in one, the second with something added to each of its states. */
function merge(a: States, b: States, added: { bits: number; loss: number; taken: number }, into: States): void {
  into.length = 0;
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const other = j < b.length ? b.bits[j] + added.bits : Number.POSITIVE_INFINITY;
    const otherLoss = j < b.length ? b.loss[j] + added.loss : Number.POSITIVE_INFINITY;
    if (i < a.length && (a.bits[i] < other || (a.bits[i] === other && a.loss[i] <= otherLoss))) {
      into.push(a.bits[i], a.loss[i], a.taken[i]);
      i++;
    } else {
      into.push(other, otherLoss, b.taken[j] | added.taken);
      j++;
    }
  }
}

/** Of a list that has become long, in each of as many cells of bits as may be kept, what loses least at the stretch's price. */
function thin(list: States, range: number, price: number): void {
  if (list.length <= STATES) return;
  let [kept, cell] = [0, -1];
  for (let k = 0; k < list.length; k++) {
    const own = Math.min(STATES - 1, Math.floor((list.bits[k] / range) * STATES));
    const isNew = own !== cell;
    if (!isNew && list.loss[k] + price * list.bits[k] >= list.loss[kept - 1] + price * list.bits[kept - 1]) continue;
    if (isNew) kept++;
    cell = own;
    list.bits[kept - 1] = list.bits[k];
    list.loss[kept - 1] = list.loss[k];
    list.taken[kept - 1] = list.taken[k];
  }
  list.length = kept;
}

/** The places of all groups at a point. */
export function placesOfCore(groups: Groups, hull: Hull, core: Core, point: number): Uint32Array {
  const first = core.before[point];
  const at = placesAfter(groups, hull, first);
  for (let k = 0; k < LENGTH; k++) {
    if ((core.taken[point] >>> k) & 1) at[hull.group[first + k]] = hull.place[first + k];
  }
  return at;
}
