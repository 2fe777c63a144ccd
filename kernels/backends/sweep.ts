import type { MatrixSource } from "../matrix/source.ts";
import type { OutputSums } from "../measure/measured.ts";
import type { Plan } from "../plan/plan.ts";
import type { BackendName } from "../report/report.ts";
import type { Scales } from "../scales/resolve.ts";
import type { Tile } from "./backend.ts";
import type { SweepSums, TileFacts } from "./sweep-sums.ts";

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

/** What a recipe adds up to over a matrix. */
export interface SweepTotals {
  sums: SweepSums;
  /** Blocks with a non-zero value whose scale in force is zero. */
  dead: number;
  /** What they add up to at the outputs, where a calibration is given that tells. */
  outputs?: OutputSums | null;
  /** The plan as it turned out, where fitting its steps brought bits of their own. */
  plan?: Plan;
}

/** What evaluates recipes on whole matrices, whose scales it finds itself. */
export interface MatrixSweep {
  name: BackendName;
  /** Why this backend does not run the plan, in a clause for a note, or null. */
  refuses(plan: Plan): string | null;
  /** Why it leaves this matrix under the plan to others, likewise. May read it, and keep it for the calls that follow. */
  declines(source: MatrixSource, plan: Plan, pace: () => Promise<void>): Promise<string | null>;
  /** What each recipe does to the matrix times `factor`; `pace` is called every few milliseconds and may reject. */
  totals(
    source: MatrixSource,
    plans: readonly Plan[],
    factor: number,
    pace: () => Promise<void>,
  ): Promise<SweepTotals[]>;
}
