/** The search of `~mse`: for every block the candidate with the least sum of |error|^p, weighted where the rule says so. */
import { exponentOf } from "../exact/bits.ts";
import { scaledPow } from "../exact/scaled-pow.ts";
import { blockSize } from "../plan/blocks.ts";
import type { Plan } from "../plan/plan.ts";
import { Candidates } from "./candidates.ts";
import { gather, gatherWeights } from "./gather.ts";
import { outsideOf } from "./resolve.ts";
import { type BlockStatistics, weightsOf } from "./statistics.ts";
import { type CandidateList, referenceTrials, type Trials } from "./trials.ts";
import { mostCandidates, searchOf } from "./tried.ts";

/** Candidates tried between two looks at which of the rest can still win. */
const AT_A_TIME = 32;

/** Searches blocks of a plan one after the other. The statistics of the blocks stand; with scales of scales, those of all. */
export class BestScales {
  readonly #plan: Plan;
  readonly #stats: BlockStatistics;
  readonly #trials: Trials;
  readonly #candidates: Candidates;
  readonly #p: number;
  /** The list's candidates as they are stored. */
  readonly #waiting: Float64Array;
  #values: Float32Array = new Float32Array(0);
  #weights: Float32Array | null = null;
  #list!: CandidateList;
  #count = 0;
  #shift = 0;
  #stored = 0;
  #zero = 0;
  #least = Infinity;

  /** @param outside what lies outside the scales of the elements, where it stands; found from the statistics otherwise */
  constructor(
    plan: Plan,
    stats: BlockStatistics,
    trials: Trials = referenceTrials(),
    outside = outsideOf(plan, stats),
  ) {
    this.#plan = plan;
    this.#stats = stats;
    this.#trials = trials;
    this.#p = searchOf(plan).p;
    this.#candidates = new Candidates(plan, stats, outside);
    this.#waiting = new Float64Array(Math.min(AT_A_TIME, mostCandidates(plan)));
  }

  /** Takes the trials up where another search had them in between. */
  resume(): void {
    if (this.#trials.owner === this) return;
    const { values, weights, list } = this.#trials.start(
      this.#plan,
      blockSize(this.#plan.grid, 0),
      this.#waiting.length,
    );
    this.#trials.owner = this;
    this.#values = values;
    this.#weights = weights;
    this.#list = list;
  }

  /** Finds the scale of a block, after `resume`; `input` holds it whole, in rows from `row0` on. */
  search(block: number, input: Float32Array, row0: number): void {
    const { amax, stored, zero } = this.#stats;
    const { affine } = this.#plan.element;
    const candidates = this.#candidates;
    candidates.begin(block);
    this.#stored = candidates.stored;
    this.#zero = affine ? candidates.zero() : 0;
    this.#least = Infinity;
    if (amax[block] > 0) {
      this.#shift = exponentOf(amax[block]);
      const weights = this.#weights;
      if (weights) gatherWeights(this.#plan.grid, input, row0, block, weightsOf(this.#plan, this.#stats)!, weights);
      this.#trials.begin(gather(this.#plan.grid, input, row0, block, this.#values), this.#shift);
      this.#wait(candidates.stored, candidates.scale, this.#zero);
      candidates.below(this.#below);
      candidates.above(this.#above);
      candidates.opposite(this.#above);
      this.#run();
    }
    stored[block] = this.#stored;
    if (zero.length > 0) zero[block] = this.#zero;
  }

  #above = (stored: number, scale: number): boolean => {
    if (!this.#cannotWin(this.#candidates.errorAbove(scale)) && !this.#cannotWin(this.#candidates.errorBelow(scale)))
      this.#wait(stored, scale, null);
    return true;
  };

  /** Each is worse than the one before once its bound says so. */
  #below = (stored: number, scale: number): boolean => {
    if (this.#cannotWin(this.#candidates.errorBelow(scale))) return !this.#candidates.monotone;
    this.#wait(stored, scale, null);
    return true;
  };

  /** Whether a cost of at least error^p is more than the best so far, whatever rounding did to both. */
  #cannotWin(error: number): boolean {
    // With weights the value that is off by that much may count for nothing.
    if (error <= 0 || this.#least === Infinity || this.#weights) return false;
    const p = this.#p;
    const cost = p === 2 ? error * error : p === 1 ? error : scaledPow(error, p, this.#shift);
    return cost * (1 - 2 ** -20) > this.#least;
  }

  /** Adds a candidate to the list, or one for each zero point where that is left open. */
  #wait(stored: number, scale: number, zero: number | null): void {
    const { element } = this.#plan;
    if (element.affine && zero === null) {
      for (const each of this.#candidates.zeros(scale)) this.#wait(stored, scale, each);
      return;
    }
    const i = this.#count++;
    const list = this.#list;
    this.#waiting[i] = stored;
    list.scale[i] = scale;
    if (element.affine) list.zero[i] = zero!;
    if (this.#count === this.#waiting.length) this.#run();
  }

  #run(): void {
    if (this.#count === 0) return;
    const found = this.#trials.run(this.#count, this.#least);
    if (found >= 0) {
      this.#stored = this.#waiting[found];
      this.#zero = this.#list.zero[found];
      this.#least = this.#trials.cost;
    }
    this.#count = 0;
  }
}
