import type { MatrixSource } from "../../../matrix/source.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { BlockGrid } from "../../../report/report.ts";
import type { ComputeDevice } from "../device/device.ts";
import { LONG_RUN, type RunSize, SHORT_RUN, TILE } from "./fields.ts";
import { goesDown } from "./recipe.ts";

/** Elements that are read, measured and uploaded between two calls of `pace`. */
const STEP = 2 ** 20;
/** Magnitudes of blocks outside these, or of the whole tensor below the second, come too near to float32's ends. */
const [LEAST_BLOCK, LEAST_TENSOR, MOST] = [2 ** -40, 2 ** -30, 2 ** 40];
const LEAST_NORMAL = 2 ** -126;

/** What is the same for every recipe, and how large blocks are. */
export interface TensorFacts {
  count: number;
  nonFinite: number;
  zeros: number;
  /** Whether there are subnormal values, which a GPU may take for zeros. */
  subnormal: boolean;
  /** Sum of x^2 over the finite elements. */
  signal: number;
  /** Of the finite elements. */
  amax: number;
  /** The least of the largest magnitudes of runs along a row that are not all zeros; and of columns. */
  leastRun: number;
  leastColumn: number;
  /** Whether no value has more than eleven significant bits: all that come from bfloat16 and float16 do not. */
  short: boolean;
}

/** A matrix on the GPU. */
export interface SweepTensor {
  buffer: GPUBuffer;
  rows: number;
  cols: number;
  facts: TensorFacts;
}

/** Reads, measures and uploads a matrix. Rejects as `pace` and the source do, and leaves no buffer behind. */
export async function uploadTensor(
  compute: ComputeDevice,
  source: MatrixSource,
  pace: () => Promise<void>,
): Promise<SweepTensor> {
  const { rows, cols } = source;
  // Shaders read four elements at a time.
  const buffer = compute.resident(16 * Math.ceil((rows * cols) / 4));
  const meter = new Meter(cols);
  try {
    const step = Math.max(1, Math.floor(STEP / cols));
    for (let row = 0; row < rows; row += step) {
      const values = await source.read(row, Math.min(rows, row + step));
      meter.add(values);
      compute.device.queue.writeBuffer(buffer, 4 * row * cols, values as Float32Array<ArrayBuffer>);
      await pace();
    }
  } catch (error) {
    buffer.destroy();
    throw error;
  }
  return { buffer, rows, cols, facts: meter.facts() };
}

/** Why the kernels leave a matrix under a plan to others, in a clause, or null. */
export function tensorRefusal(plan: Plan, facts: TensorFacts): string | null {
  const { amax, leastRun, leastColumn, nonFinite, subnormal } = facts;
  // What stands for Inf is a zero, which an affine block whose end is zero would have kept.
  if (nonFinite > 0 && plan.element.affine) return "has no affine formats for tensors with NaN or Inf in sweeps";
  if (amax === 0) return null;
  // Any value below zero is beyond the range of these.
  if (subnormal && plan.element.ends.low === 0)
    return "has no unsigned formats for tensors with subnormal values in sweeps";
  const least = goesDown(plan) ? leastColumn : leastRun;
  return least < LEAST_BLOCK || amax < LEAST_TENSOR || amax > MOST
    ? "does not sweep tensors with blocks that small or large"
    : null;
}

class Meter {
  readonly #cols: number;
  readonly #columns: Float32Array;
  readonly #sums = { count: 0, nonFinite: 0, zeros: 0, subnormal: false, signal: 0, amax: 0, leastRun: Infinity };
  #digits = 0;

  constructor(cols: number) {
    this.#cols = cols;
    this.#columns = new Float32Array(cols);
  }

  add(values: Float32Array): void {
    const cols = this.#cols;
    const columns = this.#columns;
    const sums = this.#sums;
    let [nonFinite, zeros] = [0, 0];
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    let digits = 0;
    for (let k = 0; k < words.length; k++) digits |= words[k];
    this.#digits |= digits & 0x1fff;
    for (let base = 0; base < values.length; base += cols) {
      for (let from = 0; from < cols; from += SHORT_RUN) {
        const to = Math.min(cols, from + SHORT_RUN);
        let most = 0;
        let signal = 0;
        for (let c = from; c < to; c++) {
          const x = values[base + c];
          const a = Math.abs(x);
          if (!(a < Infinity)) {
            nonFinite++;
            continue;
          }
          signal += x * x;
          if (a === 0) zeros++;
          else if (a < LEAST_NORMAL) sums.subnormal = true;
          if (a > most) most = a;
          if (a > columns[c]) columns[c] = a;
        }
        sums.signal += signal;
        if (most > sums.amax) sums.amax = most;
        if (most > 0 && most < sums.leastRun) sums.leastRun = most;
      }
    }
    sums.count += values.length - nonFinite;
    sums.nonFinite += nonFinite;
    sums.zeros += zeros;
  }

  facts(): TensorFacts {
    const leastColumn = this.#columns.reduce((m, a) => (a > 0 && a < m ? a : m), Infinity);
    return { ...this.#sums, leastColumn, short: this.#digits === 0 };
  }
}

/** How runs cover a matrix: along its rows, or down its columns. A line is a row, or as many as a run is long. */
export interface Runs {
  size: RunSize;
  down: boolean;
  lines: number;
  /** Runs a line. */
  across: number;
}

/** Runs for the blocks of a plan: long ones, unless its blocks are not made of them. */
export function runsOf(plan: Plan): Runs {
  const { rows, cols, grid, levels } = plan;
  if (goesDown(plan)) return { size: LONG_RUN, down: true, lines: Math.ceil(rows / LONG_RUN), across: cols };
  const free = levels.length === 0 || grid.kind === "none" || grid.blockCols === cols;
  const size = free || grid.blockCols % LONG_RUN === 0 ? LONG_RUN : SHORT_RUN;
  return { size, down: false, lines: rows, across: Math.ceil(cols / size) };
}

export const runsKey = ({ size, down }: Runs): string => `${size} ${down}`;

/** Workgroups of a sweep kernel. */
export const tilesOf = ({ size, lines, across }: Runs): number => Math.ceil((lines * across * size) / TILE);

/** Blocks in units of lines and of runs. */
export interface RunGrid {
  blockLines: number;
  blockRuns: number;
  gridCols: number;
  blocks: number;
}

/** A grid of blocks that are made of whole runs; without blocks, as for a direct cast, the runs themselves. */
export function gridOfRuns({ size, down, lines, across }: Runs, grid: BlockGrid | null): RunGrid {
  const make = (blockLines: number, blockRuns: number): RunGrid => {
    const gridCols = Math.ceil(across / blockRuns);
    return { blockLines, blockRuns, gridCols, blocks: gridCols * Math.ceil(lines / blockLines) };
  };
  if (!grid || grid.kind === "none") return make(1, 1);
  if (down) return make(lines, 1);
  return make(Math.min(lines, grid.blockRows), Math.ceil(grid.blockCols / size));
}

export const runGridKey = ({ blockLines, blockRuns }: RunGrid): string => `${blockLines} ${blockRuns}`;
