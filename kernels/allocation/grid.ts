/**
 * The multiple-choice knapsack by dynamic programming over bits, all budgets at once. A cell holds the best allocation whose bits
 * beyond the least fall into it, with its true bits, so that rounding never adds up. Where a cell is as wide as all bits' common divisor, no two
 * sums share one, and the result is exact; where it is wider, a second pass with every choice's bits rounded down gives a lower bound.
 */
import type { Groups } from "./groups.ts";
import { leastBits } from "./groups.ts";
import type { AllocationControl } from "./types.ts";

export interface Grid {
  /** Bits a cell. */
  resolution: number;
  /** Groups that have something to choose, the narrowest first: one is added a stage. */
  order: Uint32Array;
  /** Where the picks of each stage begin; stages + 1. */
  offsets: Float64Array;
  /** By stage and cell: which choice of the group led there, counted within it. */
  picks: Uint8Array | Uint16Array;
  /** By cell after the last stage: bits beyond the least, and loss; Infinity where the cell is empty or a cheaper one is as good. */
  excess: Float64Array;
  loss: Float64Array;
  /** By cell: no allocation of bits up to its end loses less. Null where the grid is exact. */
  lower: Float64Array | null;
}

export interface GridPlan {
  resolution: number;
  exact: boolean;
  /** Cells of the last stage. */
  cells: number;
  memoryBytes: number;
  /** Sums that are compared, the lower bound's included. */
  operations: number;
}

/** Of more groups no grid that can be had is finer than the hull. */
const MAX_GROUPS = 2 ** 16;
/** Sums compared between two looks at the control: some hundredths of a second. */
const PIECE = 2 ** 20;

/** The finest grid, by powers of two over the common divisor, that keeps to the limits; null where it has fewer cells than `least` and is not exact. */
export function planGrid(
  groups: Groups,
  limits: { memoryBytes: number; operations: number },
  least: number,
): GridPlan | null {
  const { starts, bits } = groups;
  if (groups.count > MAX_GROUPS) return null;
  const order = stagesOf(groups);
  let divisor = 0;
  for (const g of order) {
    for (let k = starts[g] + 1; k < starts[g + 1]; k++) divisor = commonDivisor(bits[k] - bits[starts[g]], divisor);
  }
  for (let resolution = Math.max(1, divisor); ; resolution *= 2) {
    const exact = resolution <= Math.max(1, divisor);
    const range = order.reduce((sum, g) => sum + rangeOf(groups, g), 0);
    if (!exact && range / resolution < least) return null;
    const plan = costOf(groups, order, resolution, exact, limits);
    if (plan) return plan;
  }
}

/** Null where it is beyond the limits. */
function costOf(
  groups: Groups,
  order: Uint32Array,
  resolution: number,
  exact: boolean,
  limits: { memoryBytes: number; operations: number },
): GridPlan | null {
  const { starts } = groups;
  const [bytes, passes] = [bytesAPick(groups), exact ? 1 : 2];
  let [range, cells, picks, operations] = [0, 1, 0, 0];
  for (const g of order) {
    operations += passes * cells * (starts[g + 1] - starts[g]);
    range += rangeOf(groups, g);
    cells = Math.floor(range / resolution) + 1;
    picks += cells;
    if (operations > limits.operations || picks * bytes > limits.memoryBytes) return null;
  }
  const memoryBytes = picks * bytes + cells * 8 * (exact ? 4 : 6);
  return memoryBytes <= limits.memoryBytes ? { resolution, exact, cells, memoryBytes, operations } : null;
}

/** Picks count within a group, whose choices may be more than a byte tells apart. */
function bytesAPick({ count, starts }: Groups): 1 | 2 {
  for (let g = 0; g < count; g++) if (starts[g + 1] - starts[g] > 256) return 2;
  return 1;
}

const rangeOf = ({ starts, bits }: Groups, g: number): number => bits[starts[g + 1] - 1] - bits[starts[g]];

function stagesOf(groups: Groups): Uint32Array {
  const order: number[] = [];
  for (let g = 0; g < groups.count; g++) if (groups.starts[g + 1] - groups.starts[g] > 1) order.push(g);
  return Uint32Array.from(order.sort((a, b) => rangeOf(groups, a) - rangeOf(groups, b) || a - b));
}

/** Of whole numbers up to 2^53. */
function commonDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** The best allocation of every cell. Throws as the control does. */
export async function gridOf(groups: Groups, plan: GridPlan, control: AllocationControl): Promise<Grid> {
  const { starts, bits, loss } = groups;
  const { resolution, exact } = plan;
  const order = stagesOf(groups);
  const offsets = new Float64Array(order.length + 1);
  let range = 0;
  for (const [stage, g] of order.entries()) {
    range += rangeOf(groups, g);
    offsets[stage + 1] = offsets[stage] + Math.floor(range / resolution) + 1;
  }
  const picks = bytesAPick(groups) === 1 ? new Uint8Array(offsets.at(-1)!) : new Uint16Array(offsets.at(-1)!);
  const pace = new Pace(control, plan.operations, "every budget");
  let [from, to] = [new States(plan.cells), new States(plan.cells)];
  from.loss[0] = fixedLoss(groups);
  for (const [stage, g] of order.entries()) {
    const cells = stage === 0 ? 1 : offsets[stage] - offsets[stage - 1];
    const own = picks.subarray(offsets[stage], offsets[stage + 1]);
    to.loss.fill(Number.POSITIVE_INFINITY, 0, own.length);
    for (let k = starts[g]; k < starts[g + 1]; k++) {
      const [more, lost, pick] = [bits[k] - bits[starts[g]], loss[k], k - starts[g]];
      for (let first = 0; first < cells; first += PIECE) {
        const last = Math.min(cells, first + PIECE);
        extend(from, to, own, { first, last, more, lost, pick, resolution });
        await pace.after(last - first);
      }
    }
    dropBeaten(to.loss, own.length);
    [from, to] = [to, from];
  }
  const lower = exact ? null : await lowerBound(groups, plan, order, pace);
  return { resolution, order, offsets, picks, excess: from.excess, loss: from.loss, lower };
}

class States {
  readonly loss: Float64Array;
  readonly excess: Float64Array;
  constructor(cells: number) {
    this.loss = new Float64Array(cells).fill(Number.POSITIVE_INFINITY);
    this.excess = new Float64Array(cells);
  }
}

interface Extension {
  first: number;
  last: number;
  more: number;
  lost: number;
  pick: number;
  resolution: number;
}

/** Adds one choice of a group to the allocations of some cells. */
function extend(from: States, to: States, picks: Uint8Array | Uint16Array, by: Extension): void {
  const { first, last, more, lost, pick, resolution } = by;
  const [fromLoss, fromExcess, toLoss, toExcess] = [from.loss, from.excess, to.loss, to.excess];
  for (let j = first; j < last; j++) {
    const before = fromLoss[j];
    if (before === Number.POSITIVE_INFINITY) continue;
    const sum = before + lost;
    const excess = fromExcess[j] + more;
    const cell = Math.floor(excess / resolution);
    const best = toLoss[cell];
    if (sum < best || (sum === best && excess < toExcess[cell])) {
      toLoss[cell] = sum;
      toExcess[cell] = excess;
      picks[cell] = pick;
    }
  }
}

/** What costs more without losing less is on no frontier, whatever is added to it. */
function dropBeaten(loss: Float64Array, cells: number): void {
  let least = Number.POSITIVE_INFINITY;
  for (let j = 0; j < cells; j++) {
    if (loss[j] < least) least = loss[j];
    else loss[j] = Number.POSITIVE_INFINITY;
  }
}

/** Loss of groups that have nothing to choose. */
function fixedLoss({ count, starts, loss }: Groups): number {
  let sum = 0;
  for (let g = 0; g < count; g++) if (starts[g + 1] - starts[g] === 1) sum += loss[starts[g]];
  return sum;
}

/**
 * By cell the least loss where each choice takes its bits beyond the cheapest rounded down to cells: any allocation takes no more cells so than
 * its own bits fill.
 */
async function lowerBound(groups: Groups, plan: GridPlan, order: Uint32Array, pace: Pace): Promise<Float64Array> {
  const { starts, bits, loss } = groups;
  let [from, to] = [new Float64Array(plan.cells), new Float64Array(plan.cells)];
  from[0] = fixedLoss(groups);
  let [cells, range] = [1, 0];
  for (const g of order) {
    range += rangeOf(groups, g);
    const next = Math.floor(range / plan.resolution) + 1;
    to.fill(Number.POSITIVE_INFINITY, 0, next);
    for (let k = starts[g]; k < starts[g + 1]; k++) {
      const shift = Math.floor((bits[k] - bits[starts[g]]) / plan.resolution);
      const lost = loss[k];
      // Of the stage before, `cells` were told apart: all beyond are as its last.
      for (let j = shift; j < Math.min(next, shift + cells); j++) {
        const sum = from[j - shift] + lost;
        if (sum < to[j]) to[j] = sum;
      }
      const last = from[cells - 1] + lost;
      for (let j = shift + cells; j < next; j++) if (last < to[j]) to[j] = last;
      await pace.after(cells);
    }
    [from, to] = [to, from];
    cells = next;
  }
  return from;
}

class Pace {
  #done = 0;
  #since = 0;
  readonly #control: AllocationControl;
  readonly #total: number;
  readonly #phase: string;
  constructor(control: AllocationControl, total: number, phase: string) {
    this.#control = control;
    this.#total = total;
    this.#phase = phase;
  }

  async after(operations: number): Promise<void> {
    this.#done += operations;
    this.#since += operations;
    if (this.#since < PIECE) return;
    this.#since = 0;
    await this.#control.checkpoint(this.#done, this.#total, this.#phase);
  }
}

/** The places of all groups in the allocation of a cell. */
export function placesOf(groups: Groups, grid: Grid, cell: number): Uint32Array {
  const { starts, bits } = groups;
  const at = starts.slice(0, groups.count);
  let excess = grid.excess[cell];
  for (let stage = grid.order.length - 1; stage >= 0; stage--) {
    const g = grid.order[stage];
    const place = starts[g] + grid.picks[grid.offsets[stage] + Math.floor(excess / grid.resolution)];
    at[g] = place;
    excess -= bits[place] - bits[starts[g]];
  }
  return at;
}

/** Bits of the cell that begins with the cheapest allocation. */
export const gridBase = (groups: Groups): number => leastBits(groups) + groups.fixedBits;

/** The lower bound of a grid for a budget; Infinity below the least. */
export function gridBound(grid: Pick<Grid, "lower" | "resolution">, base: number, budgetBits: number): number {
  const lower = grid.lower!;
  const cell = Math.floor((budgetBits - base) / grid.resolution);
  return cell < 0 ? Number.POSITIVE_INFINITY : lower[Math.min(cell, lower.length - 1)];
}
