import type { Tile } from "../../backend.ts";
import type { ComputeDevice } from "./device.ts";

/** Bytes of tiles that stay on the device at most. */
const BUDGET = 2 ** 30;

interface Resident {
  source: WeakRef<object>;
  row0: number;
  rows: number;
  /** What the values went through: empty for the source's own. */
  key: string;
  buffer: GPUBuffer;
  /** Beside rotated values: marks of what was left out. */
  leftOut: GPUBuffer[];
  /** The largest magnitude of each row, once it was asked for. */
  rowAmax: GPUBuffer | null;
}

type Place = Pick<Tile, "source" | "row0" | "rows">;

/**
 * Values that are on the device already: a tile's own statistics, its quantizing and later recipes over the same source
 * upload them once, and rotate them once. The least recently used go first; their buffers are taken over by tiles of the
 * same size.
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
  holds(place: Place): boolean {
    return this.#find(place, "") !== undefined;
  }

  #find({ source, row0, rows }: Place, key: string): Resident | undefined {
    const tiles = this.#tiles;
    return (
      source && tiles.find((t) => t.source.deref() === source && t.row0 === row0 && t.rows === rows && t.key === key)
    );
  }

  #use(known: Resident): Resident {
    this.#tiles = [...this.#tiles.filter((t) => t !== known), known];
    return known;
  }

  /** Storage that holds the tile's input. Good until the next call. */
  bufferOf(tile: Tile): GPUBuffer {
    const { source, row0, rows, input } = tile;
    // An input that the processor transformed is of the recipe, not of the source.
    if (!source || input !== tile.original || input.byteLength > this.#budget)
      return this.#compute.upload("input", input);
    const known = this.#find(tile, "");
    if (known) return this.#use(known).buffer;
    const buffer = this.#take(input.byteLength);
    this.#tiles.push({ source: new WeakRef(source), row0, rows, key: "", buffer, leftOut: [], rowAmax: null });
    this.#compute.write(buffer, input);
    return buffer;
  }

  /**
   * Storage for a resident tile's values after what `key` names, with marks of so many bytes; `fresh` where it is still to
   * be filled. Null where there is no room beside the tile's own values, which stay good.
   */
  derivedOf(
    place: Place,
    key: string,
    marks: number[],
  ): { values: GPUBuffer; leftOut: GPUBuffer[]; fresh: boolean } | null {
    const known = this.#find(place, key);
    if (known) {
      const { buffer, leftOut } = this.#use(known);
      return { values: buffer, leftOut, fresh: false };
    }
    const own = this.#find(place, "");
    if (!own || 2 * own.buffer.size > this.#budget) return null;
    this.#use(own);
    const buffer = this.#take(own.buffer.size);
    const leftOut = marks.map((bytes) => this.#compute.resident(bytes));
    this.#tiles.push({ ...own, key, buffer, leftOut, rowAmax: null });
    return { values: buffer, leftOut, fresh: true };
  }

  /** Forgets what was derived from a tile. */
  forget(place: Place, key: string): void {
    const known = this.#find(place, key);
    if (!known) return;
    this.#tiles = this.#tiles.filter((t) => t !== known);
    this.#bytes -= known.buffer.size;
    destroy(known);
  }

  /** Storage for the largest magnitude of each row that a buffer from here holds; `fresh` where they are still to be found. */
  rowAmaxIn(values: GPUBuffer, rows: number): { buffer: GPUBuffer; fresh: boolean } {
    const resident = this.#tiles.find((t) => t.buffer === values);
    if (resident?.rowAmax) return { buffer: resident.rowAmax, fresh: false };
    const bytes = 4 * rows;
    if (!resident) return { buffer: this.#compute.storage("row amax", bytes), fresh: true };
    resident.rowAmax = this.#compute.resident(bytes);
    return { buffer: resident.rowAmax, fresh: true };
  }

  /** Forgets everything, as after a failure, which leaves buffers in any state. */
  clear(): void {
    this.#tiles.forEach(destroy);
    this.#tiles = [];
    this.#bytes = 0;
  }

  #take(bytes: number): GPUBuffer {
    const gone = this.#tiles.filter((t) => !t.source.deref());
    this.#tiles = [...gone, ...this.#tiles.filter((t) => !gone.includes(t))];
    while (this.#bytes + bytes > this.#budget || (gone.length > 0 && this.#tiles[0] === gone[0])) {
      const first = this.#tiles.shift()!;
      gone.shift();
      destroyMarks(first);
      if (first.buffer.size === bytes) return first.buffer;
      this.#bytes -= first.buffer.size;
      first.buffer.destroy();
    }
    this.#bytes += bytes;
    return this.#compute.resident(bytes);
  }
}

function destroyMarks({ rowAmax, leftOut }: Resident): void {
  rowAmax?.destroy();
  for (const marks of leftOut) marks.destroy();
}

function destroy(resident: Resident): void {
  resident.buffer.destroy();
  destroyMarks(resident);
}
