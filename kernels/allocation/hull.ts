/**
 * The lower convex hull of all allocations, by Lagrange's multiplier: minimise loss + lambda bits for a falling lambda. Each group goes along
 * its own hull, so the whole path is the steps of all groups in the order of what they gain a bit (Sinha and Zoltners, "The
 * multiple-choice knapsack problem", 1979). Between two of its points the straight line is what the linear relaxation reaches: a lower bound.
 */
import type { Groups } from "./groups.ts";
import { sortDown } from "./sort.ts";
import type { AllocationControl } from "./types.ts";

export interface Hull {
  /** Step by step: the group that moves on, and the place of its choice before and after it. */
  group: Uint32Array;
  from: Uint32Array;
  place: Uint32Array;
  /** Sums after so many steps (steps + 1), fixed bits included. */
  bits: Float64Array;
  loss: Float64Array;
}

const PIECE = 2 ** 15;

/** The path of cheapest to dearest; steps that gain alike a bit are in the order of groups. */
export async function hullOf(groups: Groups, control: AllocationControl): Promise<Hull> {
  const { count, starts, bits, loss } = groups;
  const total = bits.length;
  const [group, place] = [new Uint32Array(total), new Uint32Array(total)];
  const gain = new Float64Array(total);
  let steps = 0;
  for (let g = 0; g < count; g++) {
    if (g % PIECE === 0) await control.checkpoint(g, count, "hull of each tensor");
    const first = steps;
    // The hull so far is the cheapest choice and the places of steps from `first` on.
    for (let next = starts[g] + 1; next < starts[g + 1]; next++) {
      for (;;) {
        const from = steps > first ? place[steps - 1] : starts[g];
        const slope = (loss[from] - loss[next]) / (bits[next] - bits[from]);
        if (steps > first && slope >= gain[steps - 1]) {
          steps--;
          continue;
        }
        group[steps] = g;
        place[steps] = next;
        gain[steps++] = slope;
        break;
      }
    }
  }
  await control.checkpoint(count, count, "hull of each tensor");
  const order = await sortDown(gain.subarray(0, steps), control);
  const hull: Hull = {
    group: new Uint32Array(steps),
    from: new Uint32Array(steps),
    place: new Uint32Array(steps),
    bits: new Float64Array(steps + 1),
    loss: new Float64Array(steps + 1),
  };
  await control.checkpoint(0, steps, "hull of all");
  const at = starts.slice(0, count);
  const lost = new Sum();
  let spent = groups.fixedBits;
  for (let g = 0; g < count; g++) {
    spent += bits[at[g]];
    lost.add(loss[at[g]]);
  }
  hull.bits[0] = spent;
  hull.loss[0] = lost.value;
  for (let k = 0; k < steps; k++) {
    if (k % PIECE === 0) await control.checkpoint(k, steps, "hull of all");
    const step = order[k];
    const [g, next] = [group[step], place[step]];
    hull.group[k] = g;
    hull.from[k] = at[g];
    hull.place[k] = next;
    spent += bits[next] - bits[at[g]];
    lost.add(-loss[at[g]]);
    lost.add(loss[next]);
    at[g] = next;
    hull.bits[k + 1] = spent;
    hull.loss[k + 1] = lost.value;
  }
  return hull;
}

/** Only the choices that are corners of each group's own hull, and where each of them stands among all. */
export function cornersOf(groups: Groups): { corners: Groups; place: Uint32Array } {
  const { count, starts, bits, loss } = groups;
  const kept: number[] = [];
  const own = new Uint32Array(count + 1);
  for (let g = 0; g < count; g++) {
    const first = kept.length;
    for (let k = starts[g]; k < starts[g + 1]; k++) {
      const slope = (a: number, b: number) => (loss[a] - loss[b]) / (bits[b] - bits[a]);
      while (
        kept.length > first + 1 &&
        slope(kept[kept.length - 2], kept[kept.length - 1]) <= slope(kept[kept.length - 1], k)
      ) {
        kept.pop();
      }
      kept.push(k);
    }
    own[g + 1] = kept.length;
  }
  const place = Uint32Array.from(kept);
  const corners = {
    ...groups,
    starts: own,
    choice: Int16Array.from(place, (k) => groups.choice[k]),
    bits: Float64Array.from(place, (k) => bits[k]),
    loss: Float64Array.from(place, (k) => loss[k]),
  };
  return { corners, place };
}

/** The places of all groups after so many steps of the path. */
export function placesAfter(groups: Groups, hull: Hull, steps: number): Uint32Array {
  const at = groups.starts.slice(0, groups.count);
  for (let k = 0; k < steps; k++) at[hull.group[k]] = hull.place[k];
  return at;
}

/** How many steps of the path so many bits allow; -1 below its beginning. */
export function stepsWithin(hull: Hull, budgetBits: number): number {
  let [low, high] = [0, hull.bits.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (hull.bits[middle] <= budgetBits) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What the linear relaxation loses with so many bits: never more than any allocation. Infinity below the least. */
export function relaxedLoss(hull: Hull, budgetBits: number): number {
  const k = stepsWithin(hull, budgetBits);
  if (k < 0) return Number.POSITIVE_INFINITY;
  if (k === hull.bits.length - 1) return hull.loss[k];
  const share = (budgetBits - hull.bits[k]) / (hull.bits[k + 1] - hull.bits[k]);
  return hull.loss[k] + share * (hull.loss[k + 1] - hull.loss[k]);
}

/** A sum whose roundings are added up beside it (Neumaier): after large terms went in and out again, small ones are left. */
export class Sum {
  #sum = 0;
  #rest = 0;

  add(x: number): void {
    const sum = this.#sum + x;
    this.#rest += Math.abs(this.#sum) >= Math.abs(x) ? this.#sum - sum + x : x - sum + this.#sum;
    this.#sum = sum;
  }

  get value(): number {
    return this.#sum + this.#rest;
  }
}
