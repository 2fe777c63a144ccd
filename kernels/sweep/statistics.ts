/**
 * Statistics of blocks, shared among the recipes of a sweep. Least and greatest values of short runs are found once a
 * tensor; those of longer runs, rows, tiles and the tensor follow from them.
 */
import { blockCount, blockOf } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import type { BlockGrid } from "../report/report.ts";
import { type BlockStatistics, makeStatistics } from "../scales/statistics.ts";

/** Least and greatest finite values, extended to hold zero, and whether a block holds NaN or Inf. */
export interface Extents {
  min: Float32Array;
  max: Float32Array;
  bad: Uint8Array;
}

/** Runs that are measured where a grid's blocks are made of them. */
const SHORT_RUN = 16;

const makeExtents = (n: number): Extents => ({
  min: new Float32Array(n),
  max: new Float32Array(n),
  bad: new Uint8Array(n),
});

/**
 * Whether a plan's statistics are nothing but extents: searches and block quantizers need the values, the signed maximum
 * their order.
 */
export const needsExtents = (plan: Plan): boolean =>
  plan.levels.length > 0 && !plan.wholeBlocks && !plan.codec && plan.levels[0].divisor > 0;

/** The grid whose extents are measured for this one. */
export function measuredGrid(grid: BlockGrid): BlockGrid {
  const { kind, rows, cols, blockCols } = grid;
  const nests = kind === "row" || kind === "tensor" || (!grid.flat && blockCols % SHORT_RUN === 0);
  if (!nests || blockCols <= SHORT_RUN) return grid;
  return {
    kind: "run",
    rows,
    cols,
    blockRows: 1,
    blockCols: SHORT_RUN,
    gridRows: rows,
    gridCols: Math.ceil(cols / SHORT_RUN),
    flat: 0,
  };
}

export const gridKey = (g: BlockGrid): string => (g.flat ? `flat ${g.flat}` : `${g.blockRows} ${g.blockCols}`);

/** Extents of a matrix's blocks by grid: measured tile by tile, or derived from finer ones. */
export class SharedStatistics {
  readonly #measured = new Map<string, { grid: BlockGrid; extents: Extents }>();
  readonly #derived = new Map<string, Extents>();
  readonly #last = new Map<string, BlockStatistics>();

  /** The pass over the matrix that these plans still need, or null. What it measures is shared once it is over. */
  pass(plans: readonly Plan[]): { add(input: Float32Array, row0: number, rows: number): void; end(): void } | null {
    const missing = new Map<string, { grid: BlockGrid; extents: Extents }>();
    for (const plan of plans) {
      const grid = measuredGrid(plan.grid);
      const key = gridKey(grid);
      if (!this.#measured.has(key)) missing.set(key, { grid, extents: makeExtents(blockCount(grid)) });
    }
    if (missing.size === 0) return null;
    return {
      add(input, row0, rows) {
        for (const { grid, extents } of missing.values()) measure(grid, input, row0, rows, extents);
      },
      end: () => {
        for (const [key, entry] of missing) this.#measured.set(key, entry);
      },
    };
  }

  /** Statistics of a plan that only needs extents; the data times `factor`. Not to be written to. */
  of(plan: Plan, factor = 1): BlockStatistics {
    const key = `${gridKey(plan.grid)} ${plan.element.affine} ${factor}`;
    const known = this.#last.get(key) ?? this.#make(plan, factor);
    // Recipes that differ in other parts only come one after the other.
    this.#last.clear();
    this.#last.set(key, known);
    return known;
  }

  #make(plan: Plan, factor: number): BlockStatistics {
    const { min, max, bad } = this.#extents(plan.grid);
    const stats = makeStatistics(plan);
    const affine = stats.min.length > 0;
    for (let b = 0; b < min.length; b++) {
      // Rounding is monotonic: the extent of the products is the product of the extent.
      const low = Math.fround(min[b] * factor);
      const high = Math.fround(max[b] * factor);
      stats.amax[b] = Math.max(high, -low);
      stats.bad[b] = bad[b];
      if (affine) {
        stats.min[b] = low;
        stats.max[b] = high;
      }
    }
    return stats;
  }

  #extents(grid: BlockGrid): Extents {
    const key = gridKey(grid);
    const known = this.#measured.get(key)?.extents ?? this.#derived.get(key);
    if (known) return known;
    const fine = this.#measured.get(gridKey(measuredGrid(grid)))!;
    const made = derive(fine.grid, fine.extents, grid);
    this.#derived.set(key, made);
    return made;
  }
}

function measure(grid: BlockGrid, input: Float32Array, row0: number, rows: number, into: Extents): void {
  const { cols, flat } = grid;
  if (flat) {
    const start = row0 * cols;
    for (let i = 0; i < rows * cols; ) {
      const block = Math.floor((start + i) / flat);
      const end = Math.min(rows * cols, (block + 1) * flat - start);
      measureRun(input, i, end, block, into);
      i = end;
    }
    return;
  }
  for (let r = 0; r < rows; r++) {
    let block = Math.floor((row0 + r) / grid.blockRows) * grid.gridCols;
    for (let c = 0; c < cols; c += grid.blockCols, block++) {
      measureRun(input, r * cols + c, r * cols + Math.min(cols, c + grid.blockCols), block, into);
    }
  }
}

function measureRun(input: Float32Array, from: number, to: number, block: number, { min, max, bad }: Extents): void {
  let low = min[block];
  let high = max[block];
  for (let i = from; i < to; i++) {
    const x = input[i];
    if (x > high) {
      if (x < Infinity) high = x;
      else bad[block] = 1;
    } else if (x < low) {
      if (x > -Infinity) low = x;
      else bad[block] = 1;
    } else if (Number.isNaN(x)) bad[block] = 1;
  }
  min[block] = low;
  max[block] = high;
}

/** Extents of blocks that are made of finer ones. */
function derive(fine: BlockGrid, extents: Extents, grid: BlockGrid): Extents {
  const out = makeExtents(blockCount(grid));
  let b = 0;
  for (let r = 0; r < fine.gridRows; r++) {
    for (let c = 0; c < fine.gridCols; c++, b++) {
      const block = blockOf(grid, r, c * fine.blockCols);
      if (extents.min[b] < out.min[block]) out.min[block] = extents.min[b];
      if (extents.max[b] > out.max[block]) out.max[block] = extents.max[b];
      if (extents.bad[b]) out.bad[block] = 1;
    }
  }
  return out;
}
