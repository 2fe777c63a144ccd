import type { Accumulator } from "../measure/accumulator.ts";
import type { Plan } from "../plan/plan.ts";
import type { BackendName } from "../report/report.ts";
import type { Scales } from "../scales/resolve.ts";
import type { BlockStatistics } from "../scales/statistics.ts";
import type { ScaleSummary } from "../scales/summary.ts";

/** Whole rows of a matrix on their way through a recipe. */
export interface Tile {
  row0: number;
  rows: number;
  cols: number;
  /** What came in, row-major. */
  original: Float32Array;
  /** After the transforms; the same array where there are none, or where the backend does them: see `rotates`. */
  input: Float32Array;
  /** What `original` was read from, where it always holds the same values: backends may keep them. */
  source?: object;
}

/** Per-element results of a tile, row-major. */
export interface EncodedTile {
  /** After the inverse transforms. */
  result: Float32Array;
  /** Before the inverse transforms: fl32(level * scale). */
  quantized: Float32Array;
  codes: Uint32Array | null;
}

/** A tensor on its way through a backend that finds the scales itself. */
export interface Measuring {
  /** Whether a tile's values are asked for; `add` takes a tile without them otherwise. */
  wants(place: Pick<Tile, "row0" | "rows" | "source">): boolean;
  /** Quantizes a tile and adds what happened to the accumulator. False where that cannot be done this way after all. */
  add(tile: Tile, into: Accumulator): Promise<boolean>;
  /** The scales of all tiles together. */
  scales(): ScaleSummary;
}

/**
 * What differs between machines. Everything a backend decides (codes, block statistics, counts, bins) is bit-identical
 * on all of them; sums agree within 1e-6 of the sum of their terms' magnitudes.
 */
export interface Backend {
  name: BackendName;
  /** Elements a tile that suit it; the engine's own number where left out. */
  tileElements?: number;
  /** Why this backend does not run the plan, in a clause for a note ("has no rotations yet"), or null. */
  refuses(plan: Plan): string | null;
  /** Whether the plan's transforms are done here: tiles then come as they are, `input` being `original`. */
  rotates?(plan: Plan): boolean;
  /** Adds a tile to the statistics of its blocks. Only called for rules that merge (absmax, minmax, mx). */
  statistics(plan: Plan, tile: Tile, into: BlockStatistics): Promise<void>;
  /** Quantizes a tile with the resolved scales and adds what happened to the accumulator. */
  quantize(plan: Plan, tile: Tile, scales: Scales, into: Accumulator): Promise<void>;
  /** The largest finite magnitude of a tile after the plan's transforms; null where they cannot be done here after all. */
  largest?(plan: Plan, tile: Tile): Promise<number | null>;
  /**
   * Statistics, scales and quantizing in one pass, for a tensor whose largest finite magnitude is known, and where there
   * are transforms the largest after them, too; null where the plan's scales ask for more. Absent where a backend has no
   * such pass.
   */
  measure?(plan: Plan, amax: number, turnedAmax?: number): Measuring | null;
  /**
   * Adds results, whoever made them, to what a report sums up of them: errors, profiles, maps and histograms of values and errors.
   * Codes, saturated and flushed values are whoever chose the codes' to count. `tile.original` and `result` are row-major.
   */
  measureResult(plan: Plan, tile: Tile, result: Float32Array, into: Accumulator): Promise<void>;
  /** Quantizes a tile for its results themselves. */
  encode(plan: Plan, tile: Tile, scales: Scales): Promise<EncodedTile>;
}
