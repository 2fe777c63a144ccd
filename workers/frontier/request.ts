/** What is asked of the frontier of a whole model, and what comes back: numbers alone, in arrays that go over without a copy. */
import type { FrontierData } from "../../kernels/allocation/frontier.ts";
import type { AllocationItem } from "../../kernels/allocation/types.ts";

export interface FrontierRequest {
  /** Absent: any worker will do. */
  source?: undefined;
  items: AllocationItem[];
  /** Canonical recipes, `keep` among them. */
  choices: string[];
  /** items x choices: not finite where a choice cannot be had. */
  loss: Float64Array;
  deviation: Float64Array | null;
  /** items x choices. */
  bits: Float64Array;
  /** By item: the choice that it is pinned to; `FREE` where it is pinned to none. */
  pinned: Int32Array;
  /** items x choices: why a choice must not be taken, as an index into `reasons`; 0 where it may. */
  forbidden: Uint8Array;
  /** Clauses; the first is empty. */
  reasons: string[];
  /** Why choices cannot be had, by item * choices + choice: see `refusedOf`. */
  refused: ReadonlyMap<number, string>;
  fixedBits: number;
}

/** An item that is pinned to nothing. */
export const FREE = -2;

export interface FrontierAnswer {
  /** For `openFrontier`. */
  data: FrontierData;
  seconds: number;
}

export interface SolversRequest extends FrontierRequest {
  budgetBits: number;
  /** Of what searches draw. */
  seed: number;
}

export interface SolversAnswer {
  points: {
    name: string;
    title: string;
    says: string;
    bits: number;
    loss: number;
    /** Loss above the frontier's point at that budget. */
    gap: number;
    /** Loss above a proven lower bound. */
    atMost: number;
    /** In the solver's own unit. */
    work: number;
  }[];
}
