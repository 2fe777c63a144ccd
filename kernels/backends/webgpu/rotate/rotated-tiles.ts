import type { Plan } from "../../../plan/plan.ts";
import type { Tile } from "../../backend.ts";
import { transformsKey } from "../../transforms.ts";
import type { ComputeDevice, Dispatch } from "../device/device.ts";
import type { ResidentTiles } from "../device/resident.ts";
import type { Kernels } from "../wgsl/kernels.ts";
import { leftOutBytes, type Rotated, type Rotator } from "./rotations.ts";

const WORD = 4;

/** Tiles rotated once and kept beside their own values, for every recipe that starts with the same rotations. */
export class RotatedTiles {
  readonly #compute: ComputeDevice;
  readonly #kernels: Kernels;
  readonly #resident: ResidentTiles;
  readonly #rotator: Rotator;
  /** By source, which tiles hold magnitudes that the processor has to rotate. */
  readonly #beyond = new WeakMap<object, Set<string>>();

  constructor(compute: ComputeDevice, kernels: Kernels, resident: ResidentTiles, rotator: Rotator) {
    this.#compute = compute;
    this.#kernels = kernels;
    this.#resident = resident;
    this.#rotator = rotator;
  }

  /** A tile's values after the plan's rotations; null where magnitudes leave the range or there is no room. Good until the next call. */
  async of(plan: Plan, tile: Tile): Promise<Rotated | null> {
    const { rows } = tile;
    const key = transformsKey(plan);
    const place = `${key} ${tile.row0} ${rows}`;
    if (tile.source && this.#beyond.get(tile.source)?.has(place)) return null;
    const original = this.#resident.bufferOf(tile);
    const known = this.#resident.derivedOf(tile, key, leftOutBytes(plan, rows));
    if (known && !known.fresh) return known;
    const into = known ?? this.#rotator.scratch(plan, rows);
    const dispatches = await this.#rotator.forward(plan, rows, original, into);
    const zeroed = this.#rotator.zeroed(plan, rows, into);
    const [flag] = await this.#compute.run(zeroed, dispatches, [[this.#rotator.flag, WORD]]);
    if (new Uint32Array(flag)[0] === 0) return into;
    this.#resident.forget(tile, key);
    if (tile.source) {
      const places = this.#beyond.get(tile.source) ?? new Set<string>();
      this.#beyond.set(tile.source, places.add(place));
    }
    return null;
  }

  /**
   * The largest magnitudes of a tile's rows after the plan's rotations, if any, and what has to run before they can be used;
   * null as `of`.
   */
  async rowAmax(plan: Plan, tile: Tile): Promise<{ buffer: GPUBuffer; before: Dispatch[] } | null> {
    const values = plan.transforms.length === 0 ? this.#resident.bufferOf(tile) : (await this.of(plan, tile))?.values;
    if (!values) return null;
    const { buffer, fresh } = this.#resident.rowAmaxIn(values, tile.rows);
    if (!fresh) return { buffer, before: [] };
    const place = this.#compute.upload("row-amax", Uint32Array.of(tile.rows, tile.cols / 4), true);
    const pipeline = await this.#kernels.rowAmax();
    const buffers = [place, values, buffer];
    return { buffer, before: [{ pipeline, label: "row amax", buffers, workgroups: tile.rows }] };
  }

  /**
   * The largest finite magnitude of a tile after the plan's rotations, if any; null as `of`, or where rows are no whole
   * fours or too many for one buffer.
   */
  async largest(plan: Plan, tile: Tile): Promise<number | null> {
    const { maxStorageBufferBindingSize } = this.#compute.device.limits;
    if (tile.cols % 4 !== 0 || tile.rows * tile.cols * WORD > maxStorageBufferBindingSize) return null;
    const amax = await this.rowAmax(plan, tile);
    if (!amax) return null;
    const [found] = await this.#compute.run([], amax.before, [[amax.buffer, tile.rows * WORD]]);
    return new Float32Array(found).reduce((a, b) => Math.max(a, b), 0);
  }
}
