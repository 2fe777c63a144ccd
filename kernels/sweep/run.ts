/** Many recipes over one matrix, for their metrics alone. */

import type { MatrixSweep, SweepBackend, SweepWork } from "../backends/sweep.ts";
import { factsOf, type TileFacts } from "../backends/sweep-sums.ts";
import { readTile, rowsPerTile } from "../backends/tiles.ts";
import { trialsFor } from "../backends/wasm/trials-for.ts";
import type { MatrixSource } from "../matrix/source.ts";
import { type Measured, measuredOf } from "../measure/measured.ts";
import { type SweepMetrics, sweepFiguresOf } from "../measure/metrics/index.ts";
import { isBroken } from "../measure/metrics/reading.ts";
import { addSums, makeSums } from "../measure/sums.ts";
import type { Plan } from "../plan/plan.ts";
import { loadSearch } from "../scales/load.ts";
import { resolveScales } from "../scales/resolve.ts";
import { searchesLater, searchKey } from "../scales/searches.ts";
import { addStatistics, type BlockStatistics, makeStatistics } from "../scales/statistics.ts";
import { bandOf, hasPhase, type PhaseBand, phaseFactor } from "./phase.ts";
import { needsExtents, SharedStatistics } from "./statistics.ts";

/** Elements a tile: input and results of one stay in the processor's cache while every recipe goes over them. */
const TILE_ELEMENTS = 2 ** 16;
/** Elements that a search is given at a time, so that it can be cancelled in between. */
const SEARCH_ELEMENTS = 2 ** 14;
/** Most blocks whose scales are held at once. */
const MAX_BLOCKS = 2 ** 23;
/** Rotations, and phases of rotations, whose statistics are kept. */
const KEPT_STATISTICS = 8;

export interface SweepOptions {
  backend: SweepBackend | MatrixSweep;
  /** Called often; yields, and rejects with an AbortError when the sweep is over. */
  pace(): Promise<void>;
  /** Places inside an octave for recipes that have a phase; fewer than 2 for none. */
  phases: number;
  /** Told what a module of the reader's says of its results. */
  note?(text: string): void;
  /**
   * Rows of a part whose sums are wanted by themselves, on backends that go tile by tile: whole blocks of every plan lie in one. Left out:
   * none are.
   */
  part?: number;
  /** Rows that are counted, from the first on: those behind them are seen where scales are found, and nowhere else. Left out: all. */
  counted?: number;
}

/** Sums of squares by part of the rows, as they stand. */
export interface PartSums {
  error: Float64Array;
  signal: Float64Array;
}

export interface SweepOutcome {
  metrics: SweepMetrics;
  /** What they are made of. */
  measured: Measured;
  phase: PhaseBand | null;
  /** Where parts were asked for, and the backend goes by tiles. */
  parts?: PartSums;
}

/** What a plan measured, with its parts. */
type Evaluated = Measured & { parts?: PartSums };

/** What is known of a matrix from one call to the next: kept as long as the source object lives. */
interface Memory {
  statistics: Map<string, SharedStatistics>;
  facts: Map<number, TileFacts>;
}

const memories = new WeakMap<MatrixSource, Memory>();

function memoryOf(source: MatrixSource): Memory {
  const known = memories.get(source);
  if (known) return known;
  const made: Memory = { statistics: new Map(), facts: new Map() };
  memories.set(source, made);
  return made;
}

function sharedStatistics({ statistics }: Memory, key: string): SharedStatistics {
  const known = statistics.get(key) ?? new SharedStatistics();
  statistics.delete(key);
  statistics.set(key, known);
  if (statistics.size > KEPT_STATISTICS) statistics.delete(statistics.keys().next().value!);
  return known;
}

/**
 * The metrics of every plan, in order; the numbers of full runs. Rows are read once for all recipes with the same steps,
 * and statistics of blocks are shared among them and with later calls on the same source object. Rejects as `pace` and
 * the source do.
 */
export async function sweepMatrix(
  source: MatrixSource,
  plans: readonly Plan[],
  options: SweepOptions,
): Promise<SweepOutcome[]> {
  const outcomes = new Array<SweepOutcome>(plans.length);
  for (const group of groups(plans, options.backend)) {
    const members = group.map((i) => plans[i]);
    const measured = await evaluate(source, members, 1, options);
    group.forEach((i, k) => {
      const { parts, ...all } = measured[k];
      outcomes[i] = { metrics: sweepFiguresOf(all), measured: all, phase: null, ...(parts && { parts }) };
    });
    if (options.phases < 2) continue;
    const phased = group.filter((i) => hasPhase(plans[i]));
    const nmse = phased.map((i) => [outcomes[i].metrics.nmse]);
    for (let k = 1; k < options.phases && phased.length > 0; k++) {
      const factor = phaseFactor(k, options.phases);
      const moved = await evaluate(
        source,
        phased.map((i) => plans[i]),
        factor,
        options,
      );
      moved.map(sweepFiguresOf).forEach((m, j) => void nmse[j].push(isBroken(m) ? null : m.nmse));
    }
    phased.forEach((i, j) => {
      outcomes[i].phase = bandOf(nmse[j]);
    });
  }
  return outcomes;
}

const stepsOf = (plan: Plan): string => JSON.stringify(plan.recipe.before);

/** Indices of plans that share their input, no more at a time than there is room for their scales. */
function groups(plans: readonly Plan[], backend: SweepBackend | MatrixSweep): number[][] {
  if ("totals" in backend) return [plans.map((_, i) => i)];
  const out: number[][] = [];
  const open = new Map<string, { members: number[]; blocks: number }>();
  plans.forEach((plan, i) => {
    const blocks = plan.grid.gridRows * plan.grid.gridCols;
    const key = stepsOf(plan);
    let group = open.get(key);
    if (!group || group.blocks + blocks > MAX_BLOCKS) {
      group = { members: [], blocks: 0 };
      open.set(key, group);
      out.push(group.members);
    }
    group.members.push(i);
    group.blocks += blocks;
  });
  return out;
}

/** What plans with the same steps measure on the data times `factor`. */
async function evaluate(
  source: MatrixSource,
  plans: readonly Plan[],
  factor: number,
  options: SweepOptions,
): Promise<Evaluated[]> {
  const { backend, pace } = options;
  if ("totals" in backend) {
    const totals = await backend.totals(source, plans, factor, pace);
    totals.forEach(({ plan }, i) => {
      if (!plan || plan.module === undefined || factor !== 1) return;
      for (const note of plan.notes.slice(plans[i].notes.length)) options.note?.(note);
    });
    return totals.map(({ sums, dead, plan, outputs = null }, i) =>
      measuredOf(plan ?? plans[i], sums, dead, null, outputs),
    );
  }
  const memory = memoryOf(source);
  const data = factor === 1 ? source : scaled(source, factor);
  const work: SweepWork[] = [];
  const all = await statisticsOf(memory, source, data, plans, factor, options);
  for (const [i, plan] of plans.entries()) {
    work.push({ plan, scales: resolveScales(plan, all[i], "in force"), sums: makeSums() });
    await pace();
  }
  const { part, counted = source.rows } = options;
  const step = part ?? Math.max(1, Math.floor(TILE_ELEMENTS / source.cols));
  const parts = part === undefined ? null : plans.map(() => makeParts(Math.ceil(counted / part)));
  for (let row = 0, k = 0; row < counted; row += step, k++) {
    const tile = await readTile(data, plans[0], row, Math.min(counted, row + step));
    const facts = (factor === 1 && memory.facts.get(row)) || factsOf(tile.original);
    if (factor === 1) memory.facts.set(row, facts);
    const finite = tile.input === tile.original ? facts.nonFinite === 0 : factsOf(tile.input).nonFinite === 0;
    if (!parts) {
      await backend.evaluate(work, { ...tile, facts, finite }, pace);
      continue;
    }
    const own = work.map((one) => ({ ...one, sums: makeSums() }));
    await backend.evaluate(own, { ...tile, facts, finite }, pace);
    own.forEach(({ sums }, i) => {
      addSums(sums, work[i].sums);
      parts[i].error[k] = sums.error;
      parts[i].signal[k] = sums.signal;
    });
  }
  return work.map(({ plan, scales, sums }, i) => ({
    ...measuredOf(plan, sums, scales.dead),
    ...(parts && { parts: parts[i] }),
  }));
}

const makeParts = (n: number): PartSums => ({ error: new Float64Array(n), signal: new Float64Array(n) });

/** The same matrix times a factor. */
export function scaled(source: MatrixSource, factor: number): MatrixSource {
  return { ...source, read: async (row0, row1) => (await source.read(row0, row1)).map((x) => x * factor) };
}

/** Statistics of each plan's blocks: shared where extents suffice, else found for the plan alone. */
async function statisticsOf(
  memory: Memory,
  source: MatrixSource,
  data: MatrixSource,
  plans: readonly Plan[],
  factor: number,
  options: SweepOptions,
): Promise<BlockStatistics[]> {
  // Without steps the extents of the scaled data follow from those of the data.
  const follows = plans[0].transforms.length === 0;
  const shared = sharedStatistics(memory, follows ? "" : `${stepsOf(plans[0])} ${factor}`);
  const simple = plans.filter(needsExtents);
  const pass = shared.pass(simple);
  if (pass) {
    const step = Math.max(1, Math.floor(TILE_ELEMENTS / source.cols));
    for (let row = 0; row < source.rows; row += step) {
      const end = Math.min(source.rows, row + step);
      const { input } = await readTile(follows ? source : data, plans[0], row, end);
      pass.add(input, row, end - row);
      await options.pace();
    }
    pass.end();
  }
  const all: BlockStatistics[] = [];
  const searches = new Map<string, BlockStatistics>();
  for (const plan of plans) {
    if (needsExtents(plan)) {
      all.push(shared.of(plan, follows ? factor : 1));
      continue;
    }
    const key = searchKey(plan);
    const known = key === null ? undefined : searches.get(key);
    const found = known ?? (await ownStatistics(data, plan, options));
    if (key !== null) searches.set(key, found);
    all.push(found);
  }
  return all;
}

async function ownStatistics(
  source: MatrixSource,
  plan: Plan,
  { pace, backend }: SweepOptions,
): Promise<BlockStatistics> {
  const stats = makeStatistics(plan);
  if (plan.levels.length === 0) return stats;
  const step = rowsPerTile(plan, { tileElements: plan.wholeBlocks ? SEARCH_ELEMENTS : TILE_ELEMENTS });
  const trials = await trialsFor(plan, backend.name);
  await plan.codec?.load?.();
  const later = searchesLater(plan);
  const pass = async (visit: (input: Float32Array, row: number, rows: number) => void) => {
    for (let row = 0; row < plan.rows; row += step) {
      const { input, rows } = await readTile(source, plan, row, Math.min(plan.rows, row + step));
      visit(input, row, rows);
      await pace();
    }
  };
  const { searchBlocks } = plan.wholeBlocks ? await loadSearch() : { searchBlocks: () => {} };
  const search = (input: Float32Array, row: number, rows: number) =>
    searchBlocks(plan, input, row, rows, stats, trials);
  await pass((input, row, rows) => {
    addStatistics(plan, input, row, rows, stats);
    if (plan.wholeBlocks && !later) search(input, row, rows);
  });
  if (later) await pass(search);
  return stats;
}
