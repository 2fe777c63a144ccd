/** The frontier of all budgets: exact where that can be had, else on a grid or the convex hull, with a proven bound on what is lost by it. */
import { type Grid, type GridPlan, gridBase, gridBound, gridOf, placesOf, planGrid } from "./grid.ts";
import { assignmentOf, type Groups, groupItems } from "./groups.ts";
import { type Hull, hullOf, placesAfter, relaxedLoss } from "./hull.ts";
import { placesOfSum, type Sums, sumsOf } from "./sums.ts";
import { type AllocationControl, type AllocationTable, type Constraints, type Frontier, within } from "./types.ts";

export interface FrontierLimits {
  memoryBytes: number;
  /** Sums compared: a thousand million take some seconds. */
  operations: number;
}

export const LIMITS: FrontierLimits = { memoryBytes: 2 ** 27, operations: 6e8 };

/** A list of sums is tried for so many states and comparisons: a second at the most. */
const SUMS = { groups: 256, states: 2 ** 20, operations: 1e8 };
/** A coarser grid than this is no better than the hull. */
const MIN_CELLS = 2048;
/** More points than a slider or a chart tells apart, of a hull of half a million tensors. */
const MAX_HULL_POINTS = 2 ** 20;

/** Points whose gaps are found between two looks at the control. */
const PIECE = 2 ** 15;

/** What a frontier will take. */
export interface FrontierPlan {
  method: Frontier["method"];
  /** Bits a step; 1 for sums, Infinity for a hull. */
  resolution: number;
  memoryBytes: number;
  operations: number;
  grid: GridPlan | null;
}

/**
 * How a frontier would be found: on a grid where that is fine enough for all sums, or else (where `mayList`) as a list of sums, which is
 * given up where it becomes long; then on a coarser grid, or as the hull alone. Memory is the frontier's own, without the table.
 */
export function planFrontier(groups: Groups, limits: FrontierLimits = LIMITS): FrontierPlan {
  const hull = groups.bits.length * 40;
  const grid = planGrid(groups, limits, MIN_CELLS);
  if (grid) {
    const { resolution, operations, memoryBytes } = grid;
    return { method: "grid", resolution, memoryBytes: memoryBytes + hull, operations, grid };
  }
  const { POSITIVE_INFINITY: resolution } = Number;
  return { method: "hull", resolution, memoryBytes: 2 * hull, operations: groups.bits.length, grid: null };
}

/** All that a frontier is, as typed arrays: goes to another thread, and is opened there. */
export interface FrontierData {
  groups: Groups;
  /** By point. */
  bits: Float64Array;
  loss: Float64Array;
  gaps: Float64Array;
  /** A cell of the grid or a state of the sums; below 0: ~ that many steps of the hull. */
  source: Int32Array;
  grid: Grid | null;
  sums: Sums | null;
  /** Null where the frontier is exact. */
  hull: Hull | null;
}

/**
 * The whole frontier.
 *
 * @throws {AllocationError} where the constraints contradict themselves, and as `control` does.
 */
export async function frontier(
  table: AllocationTable,
  constraints: Constraints,
  control: AllocationControl,
  limits: FrontierLimits = LIMITS,
): Promise<Frontier & { data: FrontierData }> {
  return frontierOf(await groupItems(table, constraints, control), control, limits);
}

/** The same of groups that were made before. */
export async function frontierOf(
  groups: Groups,
  control: AllocationControl,
  limits: FrontierLimits = LIMITS,
): Promise<Frontier & { data: FrontierData }> {
  const plan = planFrontier(groups, limits);
  const sums = plan.grid?.exact ? null : await sumsOf(groups, SUMS, control);
  const grid = !sums && plan.grid ? await gridOf(groups, plan.grid, control) : null;
  const hull = sums || plan.grid?.exact ? null : await hullOf(groups, control);
  await control.checkpoint(0, 1, "points");
  const points = pointsOf(groups, grid, sums, hull);
  const { bits, loss } = points;
  const gaps = new Float64Array(bits.length);
  const data: FrontierData = { groups, grid, sums, hull, gaps, ...points };
  const { bound } = openFrontier(data);
  // Bits are whole: the largest budget below the next point is one bit less.
  for (let p = 0; hull && p < bits.length; p++) {
    if (p % PIECE === 0) await control.checkpoint(p, bits.length, "gaps");
    const budget = p + 1 < bits.length ? bits[p + 1] - 1 : Number.POSITIVE_INFINITY;
    gaps[p] = Math.max(0, loss[p] - bound(budget));
  }
  return openFrontier(data);
}

/** A frontier of what another thread has computed. */
export function openFrontier(data: FrontierData): Frontier & { data: FrontierData } {
  const { groups, bits, loss, gaps, source, grid, sums, hull } = data;
  const base = gridBase(groups);
  const exact = hull === null;
  const bound = (budget: number): number => {
    if (exact) {
      const point = within({ bits }, budget);
      return point < 0 ? Number.POSITIVE_INFINITY : loss[point];
    }
    const relaxed = relaxedLoss(hull, budget);
    return grid?.lower ? Math.max(relaxed, gridBound(grid, base, budget)) : relaxed;
  };
  const placesAt = (point: number): Uint32Array => {
    const from = source[point];
    if (from < 0) return placesAfter(groups, hull!, ~from);
    return grid ? placesOf(groups, grid, from) : placesOfSum(groups, sums!, from);
  };
  return {
    data,
    bits,
    loss,
    at: (point) => assignmentOf(groups, placesAt(point)),
    gaps,
    gap: gaps.reduce((most, gap) => Math.max(most, gap), 0),
    bound,
    resolution: grid?.resolution ?? (sums ? 1 : Number.POSITIVE_INFINITY),
    method: grid ? "grid" : sums ? "sums" : "hull",
    left: groups.left,
  };
}

/** Differences of sums that are not more than their rounding. */
const ROUNDING = 2 ** -48;

/** What was found in either way, by rising bits, without what is beaten. */
function pointsOf(groups: Groups, grid: Grid | null, sums: Sums | null, hull: Hull | null) {
  const base = gridBase(groups);
  const cells = grid?.loss.length ?? sums?.loss.length ?? 0;
  const lossOf = grid?.loss ?? sums?.loss;
  const bitsOf = grid ? (k: number) => base + grid.excess[k] : (k: number) => sums!.bits[k];
  const steps = hull?.bits.length ?? 0;
  const stride = Math.ceil(steps / MAX_HULL_POINTS) || 1;
  const most = cells + Math.ceil(steps / stride) + 1;
  const [bits, loss, source] = [new Float64Array(most), new Float64Array(most), new Int32Array(most)];
  let [n, cell, step, least] = [0, 0, 0, Number.POSITIVE_INFINITY];
  const add = (spent: number, lost: number, from: number) => {
    if (!(lost < least - Math.abs(lost) * ROUNDING)) return;
    // Of equal bits the later one is better.
    if (n > 0 && bits[n - 1] === spent) n--;
    bits[n] = spent;
    source[n] = from;
    loss[n++] = lost;
    least = lost;
  };
  while (cell < cells || step < steps) {
    if (cell < cells && lossOf![cell] === Number.POSITIVE_INFINITY) cell++;
    else if (step >= steps || (cell < cells && bitsOf(cell) <= hull!.bits[step])) {
      add(bitsOf(cell), lossOf![cell], cell);
      cell++;
    } else {
      add(hull!.bits[step], hull!.loss[step], ~step);
      // The last point is one of them whatever the stride is.
      step = step < steps - 1 ? Math.min(step + stride, steps - 1) : steps;
    }
  }
  return { bits: bits.slice(0, n), loss: loss.slice(0, n), source: source.slice(0, n) };
}
