import type { Tile } from "../backend.ts";
import type { ComputeDevice } from "./device.ts";

/** Bytes of tiles that stay on the device at most. */
const BUDGET = 2 ** 30;

interface Resident {
  source: WeakRef<object>;
  row0: number;
  rows: number;
  buffer: GPUBuffer;
  /** The largest magnitude of each row, once it was asked for. */
  rowAmax: GPUBuffer | null;
}

/**
 * Values that are on the device already: a tile's own statistics, its quantizing and later recipes over the same source
 * upload them once. The least recently used go first; their buffers are taken over by tiles of the same size.
 */
export class ResidentTiles {
  readonly #compute: ComputeDevice;
  /** From the least to the most recently used. */
  #tiles: Resident[] = [];
  readonly #budget: number;
  #bytes = 0;

  constructor(compute: ComputeDevice, budget = BUDGET) {
    this.#compute = compute;
    const { maxBufferSize } = compute.device.limits;
    this.#budget = Math.min(budget, 4 * maxBufferSize);
  }

  /** Whether a tile's values are here, so that nobody has to read them. */
  holds({ source, row0, rows }: Pick<Tile, "source" | "row0" | "rows">): boolean {
    return this.#find(source, row0, rows) !== undefined;
  }

  #find(source: object | undefined, row0: number, rows: number): Resident | undefined {
    return source && this.#tiles.find((t) => t.source.deref() === source && t.row0 === row0 && t.rows === rows);
  }

  /** Storage that holds the tile's input. Good until the next call. */
  bufferOf(tile: Tile): GPUBuffer {
    const { source, row0, rows, input } = tile;
    // A transformed input is of the recipe, not of the source.
    if (!source || input !== tile.original || input.byteLength > this.#budget)
      return this.#compute.upload("input", input);
    const known = this.#find(source, row0, rows);
    if (known) {
      this.#tiles = [...this.#tiles.filter((t) => t !== known), known];
      return known.buffer;
    }
    const buffer = this.#take(input.byteLength);
    this.#tiles.push({ source: new WeakRef(source), row0, rows, buffer, rowAmax: null });
    this.#compute.write(buffer, input);
    return buffer;
  }

  /** Storage for the largest magnitude of each row of a tile; `fresh` where they are still to be found. */
  rowAmaxOf(tile: Tile): { buffer: GPUBuffer; fresh: boolean } {
    const buffer = this.bufferOf(tile);
    const resident = this.#tiles.find((t) => t.buffer === buffer);
    if (resident?.rowAmax) return { buffer: resident.rowAmax, fresh: false };
    const bytes = 4 * tile.rows;
    if (!resident) return { buffer: this.#compute.storage("row amax", bytes), fresh: true };
    resident.rowAmax = this.#compute.resident(bytes);
    return { buffer: resident.rowAmax, fresh: true };
  }

  /** Forgets everything, as after a failure, which leaves buffers in any state. */
  clear(): void {
    for (const { buffer, rowAmax } of this.#tiles) {
      buffer.destroy();
      rowAmax?.destroy();
    }
    this.#tiles = [];
    this.#bytes = 0;
  }

  #take(bytes: number): GPUBuffer {
    const gone = this.#tiles.filter((t) => !t.source.deref());
    this.#tiles = [...gone, ...this.#tiles.filter((t) => !gone.includes(t))];
    while (this.#bytes + bytes > this.#budget || (gone.length > 0 && this.#tiles[0] === gone[0])) {
      const { buffer, rowAmax } = this.#tiles.shift()!;
      rowAmax?.destroy();
      gone.shift();
      if (buffer.size === bytes) return buffer;
      this.#bytes -= buffer.size;
      buffer.destroy();
    }
    this.#bytes += bytes;
    return this.#compute.resident(bytes);
  }
}
