import type { ComputeDevice, Dispatch } from "../device/device.ts";
import { type RunSize, SLOTS, THREADS, threadsOf } from "./fields.ts";
import { gridOfRuns, type RunGrid, type Runs, runGridKey, type SweepTensor, tilesOf } from "./tensor.ts";

/** A grid with the place of its blocks in the buffer of extents. */
export interface PlacedGrid extends RunGrid {
  first: number;
}

/** Words of the parameters that a dispatch changes. */
export interface ParamsOf {
  tensor: SweepTensor;
  runs: Runs;
  grids: readonly PlacedGrid[];
  recipes: number;
  factor: number;
}

/** The shaders' parameters. */
export function paramWords({ tensor, runs, grids, recipes, factor }: ParamsOf): Uint32Array {
  const count = runs.lines * runs.across;
  const words = new Uint32Array(12 + 4 * SLOTS);
  words.set([tensor.rows, tensor.cols, Number(runs.down), runs.across, count, tilesOf(runs), recipes]);
  words[7] = grids.length;
  new Float32Array(words.buffer).set([factor, 0, 1], 8);
  words[11] = runs.size;
  grids.forEach(({ first, blockLines, blockRuns, gridCols }, k) => {
    words.set([first, blockLines, blockRuns, gridCols], 12 + 4 * k);
  });
  return words;
}

export interface ExtentKernels {
  /** Sorts runs, and finds theirs, by their size. */
  sort: Record<RunSize, GPUComputePipeline>;
  runs: Record<RunSize, GPUComputePipeline>;
  blocks: GPUComputePipeline;
}

/** A way runs cover a matrix, with the least and greatest value of every block of some grids over a matrix, on the GPU. */
export class Extents {
  readonly #tensor: SweepTensor;
  readonly runs: Runs;
  #grids = new Map<string, PlacedGrid>();
  #buffer: GPUBuffer | null = null;

  constructor(tensor: SweepTensor, runs: Runs) {
    this.#tensor = tensor;
    this.runs = runs;
  }

  get buffer(): GPUBuffer {
    return this.#buffer!;
  }

  placeOf(grid: RunGrid): PlacedGrid {
    return this.#grids.get(runGridKey(grid))!;
  }

  /** Writes the runs, sorted. */
  sorting(compute: ComputeDevice, kernels: ExtentKernels, into: GPUBuffer): Dispatch {
    const { runs } = this;
    const params = paramWords({ tensor: this.#tensor, runs, grids: [], recipes: 0, factor: 1 });
    return {
      ...{ pipeline: kernels.sort[runs.size], label: "sweep sort" },
      buffers: [compute.upload("sweep sorting", params, true), this.#tensor.buffer, into],
      workgroups: Math.ceil((tilesOf(runs) * threadsOf(runs.size)) / THREADS),
    };
  }

  destroy(): void {
    this.#buffer?.destroy();
    this.#buffer = null;
    this.#grids = new Map();
  }

  /** Finds the extents of these grids, and of those known before, unless all are known. */
  async find(compute: ComputeDevice, kernels: ExtentKernels, wanted: readonly RunGrid[]): Promise<void> {
    if (this.#buffer && wanted.every((grid) => this.#grids.has(runGridKey(grid)))) return;
    const { runs } = this;
    // Coarser grids follow from runs, or from whole lines where they are made of several.
    const one = gridOfRuns(runs, null);
    const line: RunGrid = { blockLines: 1, blockRuns: runs.across, gridCols: 1, blocks: runs.lines };
    const placed = new Map<string, PlacedGrid>();
    let first = 0;
    for (const grid of [one, line, ...this.#grids.values(), ...wanted]) {
      const key = runGridKey(grid);
      if (placed.has(key)) continue;
      placed.set(key, { ...grid, first });
      first += grid.blocks;
    }
    const [fine, lines] = [placed.get(runGridKey(one))!, placed.get(runGridKey(line))!];
    this.destroy();
    const buffer = compute.resident(8 * first);
    const params = (name: string, ...grids: PlacedGrid[]) =>
      compute.upload(name, paramWords({ tensor: this.#tensor, runs, grids, recipes: 0, factor: 1 }), true);
    const dispatches: Dispatch[] = [
      {
        ...{ pipeline: kernels.runs[runs.size], label: "sweep extents" },
        buffers: [params("sweep runs", fine), this.#tensor.buffer, buffer],
        workgroups: Math.ceil(fine.blocks / THREADS),
      },
    ];
    for (const grid of placed.values()) {
      if (grid === fine) continue;
      const from = grid.blockRuns === runs.across && grid.blockLines > 1 ? lines : fine;
      dispatches.push({
        ...{ pipeline: kernels.blocks, label: "sweep extents" },
        buffers: [params(`sweep blocks ${dispatches.length}`, from, grid), buffer],
        workgroups: Math.ceil(grid.blocks / THREADS),
      });
    }
    this.#buffer = buffer;
    this.#grids = placed;
    await compute.run([], dispatches, []);
  }
}
