/** The frontier of all budgets: exact where that can be had, else on a grid or the convex hull, with a proven bound on what is lost by it. */
import { type Core, coreBytes, coreOf, MAX_CORE_STEPS, placesOfCore } from "./core.ts";
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
/** A grid of fewer cells, or of fewer for each choice, finds nothing between the hull's corners. */
const [MIN_CELLS, CELLS_A_CHOICE] = [2048, 4];
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
 * How a frontier would be found: on a grid where that is fine enough for all sums, or else as a list of sums, which is given up where it
 * becomes long; then on a coarser grid, or by the hull with what lies between its corners. Memory is the frontier's own, at the most, without
 * the table.
 */
export function planFrontier(groups: Groups, limits: FrontierLimits = LIMITS): FrontierPlan {
  const steps = groups.bits.length - groups.count;
  const hull = groups.bits.length * 44 + (steps <= MAX_CORE_STEPS ? coreBytes(steps) : 0);
  const grid = planGrid(groups, limits, Math.max(MIN_CELLS, CELLS_A_CHOICE * groups.bits.length));
  if (grid) {
    const { resolution, operations, memoryBytes } = grid;
    const memory = memoryBytes + (grid.exact ? 0 : hull);
    return { method: "grid", resolution, memoryBytes: memory, operations, grid };
  }
  const { POSITIVE_INFINITY: resolution } = Number;
  return { method: "hull", resolution, memoryBytes: hull, operations: groups.bits.length, grid: null };
}

const FROM = { grid: 0, sums: 1, hull: 2, core: 3 } as const;

/** All that a frontier is, as typed arrays: goes to another thread, and is opened there. */
export interface FrontierData {
  groups: Groups;
  /** By point. */
  bits: Float64Array;
  loss: Float64Array;
  gaps: Float64Array;
  /** Where each is from (`FROM`), and its number there: a cell of the grid, a state of the sums, steps of the hull, a point of the core. */
  kind: Uint8Array;
  source: Uint32Array;
  grid: Grid | null;
  sums: Sums | null;
  /** Null where the frontier is exact. */
  hull: Hull | null;
  core: Core | null;
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
  const core = hull && hull.group.length <= MAX_CORE_STEPS ? await coreOf(groups, hull, control) : null;
  await control.checkpoint(0, 1, "points");
  const points = pointsOf(groups, { grid, sums, hull, core });
  const { bits, loss } = points;
  const gaps = new Float64Array(bits.length);
  const data: FrontierData = { groups, grid, sums, hull, core, gaps, ...points };
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
  const { groups, bits, loss, gaps, kind, source, grid, sums, hull, core } = data;
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
    if (kind[point] === FROM.grid) return placesOf(groups, grid!, from);
    if (kind[point] === FROM.sums) return placesOfSum(groups, sums!, from);
    return kind[point] === FROM.hull ? placesAfter(groups, hull!, from) : placesOfCore(groups, hull!, core!, from);
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

/** Points of one way, by rising bits; those of a loss that is not finite are none. */
interface Stream {
  kind: number;
  length: number;
  bits(k: number): number;
  loss(k: number): number;
  /** Its number there. */
  source(k: number): number;
}

function streamsOf(
  groups: Groups,
  { grid, sums, hull, core }: Pick<FrontierData, "grid" | "sums" | "hull" | "core">,
): Stream[] {
  const own = (kind: number, bits: Float64Array, loss: Float64Array, base = 0): Stream => ({
    ...{ kind, length: bits.length, source: (k) => k },
    ...{ bits: (k) => base + bits[k], loss: (k) => loss[k] },
  });
  const streams: Stream[] = [];
  if (grid) streams.push(own(FROM.grid, grid.excess, grid.loss, gridBase(groups)));
  if (sums) streams.push(own(FROM.sums, sums.bits, sums.loss));
  if (core) streams.push(own(FROM.core, core.bits, core.loss));
  if (hull) {
    const last = hull.bits.length - 1;
    const stride = Math.ceil((last + 1) / MAX_HULL_POINTS);
    // The last corner is one of them whatever the stride is.
    const source = (k: number) => Math.min(k * stride, last);
    const length = Math.ceil(last / stride) + 1;
    streams.push({
      kind: FROM.hull,
      length,
      source,
      bits: (k) => hull.bits[source(k)],
      loss: (k) => hull.loss[source(k)],
    });
  }
  return streams;
}

/** What was found in any way, by rising bits, without what is beaten. */
function pointsOf(groups: Groups, parts: Pick<FrontierData, "grid" | "sums" | "hull" | "core">) {
  const streams = streamsOf(groups, parts);
  const most = streams.reduce((sum, { length }) => sum + length, 0);
  const [bits, loss] = [new Float64Array(most), new Float64Array(most)];
  const [kind, source] = [new Uint8Array(most), new Uint32Array(most)];
  const heads = streams.map(() => 0);
  const skip = (s: number) => {
    const { length, loss: lossOf } = streams[s];
    while (heads[s] < length && lossOf(heads[s]) === Number.POSITIVE_INFINITY) heads[s]++;
  };
  for (let s = 0; s < streams.length; s++) skip(s);
  let [n, least] = [0, Number.POSITIVE_INFINITY];
  for (;;) {
    let [next, spent] = [-1, Number.POSITIVE_INFINITY];
    for (let s = 0; s < streams.length; s++) {
      if (heads[s] === streams[s].length) continue;
      const own = streams[s].bits(heads[s]);
      if (own < spent) [next, spent] = [s, own];
    }
    if (next < 0) break;
    const stream = streams[next];
    const lost = stream.loss(heads[next]);
    if (lost < least - Math.abs(lost) * ROUNDING) {
      // Of equal bits the later one is better.
      if (n > 0 && bits[n - 1] === spent) n--;
      bits[n] = spent;
      kind[n] = stream.kind;
      source[n] = stream.source(heads[next]);
      loss[n++] = lost;
      least = lost;
    }
    heads[next]++;
    skip(next);
  }
  return { bits: bits.slice(0, n), loss: loss.slice(0, n), kind: kind.slice(0, n), source: source.slice(0, n) };
}
