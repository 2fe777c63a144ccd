/** What candidates for the scale of a block cost: the reference, which the wasm kernels follow to the bit. */

import { type BlockScale, type Encoder, makeEncoder } from "../codes/scalar/encoder.ts";
import { scaledPow } from "../exact/scaled-pow.ts";
import { isWeighted, type Plan } from "../plan/plan.ts";
import { searchedElement } from "./searches.ts";
import { searchOf } from "./tried.ts";

/** Candidates for the scale of one block, side by side in the order in which they are tried. */
export interface CandidateList {
  /** Scales in force. */
  scale: Float32Array;
  /** As `Scales.zeroPoints`; only read for affine formats. */
  zero: Int32Array;
}

/** What a search fills in. */
export interface TrialsRoom {
  values: Float32Array;
  /** Weights of the values, none below zero; null where the plan's search has none. Only the reference knows them. */
  weights: Float32Array | null;
  list: CandidateList;
}

/**
 * Tries candidates on the values of a block. The cost of one is the sum of |e|^p over the values, e = fl32(x - x^), each times
 * its weight where the plan's search has them, in float64: value i adds to the sum i mod 4, and the cost is (sum 0 + sum 2) + (sum 1 + sum 3). For p other than 1 and 2
 * values count in units of 2^shift. A cost that is NaN is that of no candidate.
 */
export interface Trials {
  /** The search that called `start` last. */
  owner: object | null;
  /** Makes ready for a plan: room for blocks of `most` values (and their weights) and for lists of `candidates`. */
  start(plan: Plan, most: number, candidates: number): TrialsRoom;
  /** Says that the first n of the values hold a block. */
  begin(n: number, shift: number): void;
  /** The first candidate among [0, count) whose cost is least, if that is less than `best`; -1 where there is none. */
  run(count: number, best: number): number;
  /** The cost of the candidate that `run` gave. */
  cost: number;
}

/** A cost as `Trials` defines it; anything from `limit` on where it is certain to be no less than that. */
export function costOf(
  x: Float32Array,
  y: Float32Array,
  n: number,
  {
    p,
    shift,
    weights = null,
    limit = Infinity,
  }: { p: number; shift: number; weights?: Float32Array | null; limit?: number },
): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const term = (i: number) => {
    const e = Math.fround(x[i] - y[i]);
    const power = p === 2 ? e * e : p === 1 ? Math.abs(e) : scaledPow(e, p, shift);
    return weights ? weights[i] * power : power;
  };
  let i = 0;
  for (const whole = n & ~3; i < whole; i += 4) {
    s0 += term(i);
    s1 += term(i + 1);
    s2 += term(i + 2);
    s3 += term(i + 3);
    // Sums of what is never negative only grow, rounded or not.
    if ((i & 28) === 28 && s0 + s2 + (s1 + s3) >= limit) return limit;
  }
  if (i < n) s0 += term(i++);
  if (i < n) s1 += term(i++);
  if (i < n) s2 += term(i);
  return s0 + s2 + (s1 + s3);
}

export function referenceTrials(): Trials {
  let encoder: Encoder;
  let values: Float32Array;
  let weights: Float32Array | null;
  let results: Float32Array;
  let list: CandidateList;
  let p: number;
  let [n, shift] = [0, 0];
  const block: BlockScale = { scale: 1, reciprocal: 1, zeroPoint: 0 };
  return {
    owner: null,
    cost: Infinity,
    start(plan, most, candidates) {
      p = searchOf(plan).p;
      encoder = makeEncoder(searchedElement(plan));
      values = new Float32Array(most);
      results = new Float32Array(most);
      list = { scale: new Float32Array(candidates), zero: new Int32Array(candidates) };
      weights = isWeighted(searchOf(plan)) ? new Float32Array(most) : null;
      return { values, weights, list };
    },
    begin(count, power) {
      n = count;
      shift = power;
    },
    run(count, best) {
      let found = -1;
      let least = best;
      for (let i = 0; i < count; i++) {
        block.scale = list.scale[i];
        block.zeroPoint = list.zero[i];
        encoder.run(values, 0, n, block, 0, results, null);
        const cost = costOf(values, results, n, { p, shift, weights, limit: least });
        if (cost < least) [found, least] = [i, cost];
      }
      if (found >= 0) this.cost = least;
      return found;
    },
  };
}
