import type { Groups } from "../groups.ts";
import type { AllocationControl } from "../types.ts";

/** What a solver found. */
export interface Solution {
  /** By group: the place of its choice in the groups' lists. */
  at: Uint32Array;
  /** How much it looked at, in its own unit (`Solver.counts`). */
  work: number;
  /** A lower bound on every allocation's loss that came out beside it; null where none did. */
  bound: number | null;
  /** How a search went on, by step; null where it has no steps. */
  trace: Trace | null;
}

/** Equally long columns: step by step. */
export interface Trace {
  columns: Readonly<Record<string, Float64Array>>;
  /** For the reader. */
  about: string;
}

export interface SolverOptions {
  /** Of what is drawn. */
  seed: number;
}

/** A way to an allocation within a budget. */
export interface Solver {
  name: string;
  title: string;
  /** What it does, in a sentence. */
  says: string;
  /** Where it is from; null for what everybody knows. */
  paper: { title: string; where: string } | null;
  /** What `work` counts: "allocations", "steps". */
  counts: string;
  /** Whether a seed decides. */
  drawn: boolean;
  /** Groups that it takes at the most: of more it would take minutes, or be no better than others. */
  upTo: number;
  /** Null where no allocation is cheap enough. Throws as the control does. */
  solve(
    groups: Groups,
    budgetBits: number,
    control: AllocationControl,
    options: SolverOptions,
  ): Promise<Solution | null>;
}
