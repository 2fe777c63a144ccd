import type { Tile } from "../backend.ts";
import type { Plan } from "../plan/plan.ts";
import type { BackendName } from "../report.ts";
import type { Scales } from "../scales/resolve.ts";
import type { SweepSums, TileFacts } from "./sums.ts";

/** A tile with what every recipe would count alike. */
export interface SweepTile extends Tile {
  facts: TileFacts;
  /** Whether all of `input` is finite. */
  finite: boolean;
}

/** One recipe under way over a tensor: its scales are known, its sums grow tile by tile. */
export interface SweepWork {
  plan: Plan;
  scales: Scales;
  sums: SweepSums;
}

/**
 * What evaluates recipes on a tile for their sums alone. Counts are equal on every backend, sums agree as those of
 * reports do. All recipes of a call have the same steps before their quantizers, so that they share the tile's input.
 */
export interface SweepBackend {
  name: BackendName;
  /** Why this backend does not run the plan, in a clause for a note, or null. */
  refuses(plan: Plan): string | null;
  /** Adds what each recipe does to the tile; `pace` is called between recipes and may reject. */
  evaluate(work: readonly SweepWork[], tile: SweepTile, pace: () => Promise<void>): Promise<void>;
}
