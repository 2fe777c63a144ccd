// What candidates for the scale of a block cost, as `scales/trials.ts` has it: the same sums in the same order.
import { Field } from "../fields";
import { addTerms, clearLanes, powerOf, total, twoTo } from "./costs";
import { encodeSegment } from "./encode";
import { startLean, leanCost } from "./lean";
import { CODES, SEGMENT, Y, address } from "./memory";

/** A short block again and again, so that several candidates are tried in one go. */
const COPIES: usize = memory.data(4 * 528, 16);
/** The cost of the candidate that won. */
const COST: usize = memory.data(8, 16);

let values: usize = 0;
let size: i32 = 0;
/** Copies that there are; 0 for a long block. */
let copies: i32 = 0;
let lean: bool = false;

export function costAddress(): usize {
  return COST;
}

/** Takes up an element's fields. */
export function startTrials(): void {
  lean = startLean();
}

/** Makes ready for a block of n values at u. */
export function beginTrials(u: usize, n: i32): void {
  values = u;
  size = n;
  copies = 0;
  if (lean || n == 0 || n > SEGMENT / 2) return;
  copies = SEGMENT / n;
  for (let k = 0; k < copies; k++) memory.copy(COPIES + ((<usize>(k * n)) << 2), u, (<usize>n) << 2);
}

/** The first of `count` candidates (those at `Field.scales`) with the least cost, if that is below `best`; else -1. */
export function runTrials(count: i32, p: f64, shift: f64, best: f64): i32 {
  let found = -1;
  let least = best;
  // Sums of squares or magnitudes are had for a tenth of what powers take, and tell of most candidates that they lose.
  const simple: f64 = p > 2 ? 2 : p > 1 && p < 2 ? 1 : 0;
  let enough = simpleLimit(simple, p, shift, least);
  if (copies == 0) {
    const scales = address(Field.scales);
    const zeros = address(Field.zeroPoints);
    for (let i = 0; i < count; i++) {
      const at = (<usize>i) << 2;
      const s = lean ? load<f32>(scales + at) : 0;
      const z = lean && zeros ? load<i32>(zeros + at) : 0;
      if (lean && simple && leanCost(s, z, values, size, simple, 0, enough) >= enough) continue;
      let cost: f64 = -1;
      if (lean) cost = leanCost(s, z, values, size, p, shift, least);
      // What float32 does not decide goes the exact way.
      if (cost == -1) cost = longCost(i, p, shift, least);
      if (cost < least) {
        found = i;
        least = cost;
        enough = simpleLimit(simple, p, shift, least);
      }
    }
  } else {
    for (let from = 0; from < count; from += copies) {
      const m = min(copies, count - from);
      encodeSegment(COPIES, Y, CODES, m * size, from, size, size);
      for (let k = 0; k < m; k++) {
        const y = Y + ((<usize>(k * size)) << 2);
        if (simple) {
          clearLanes();
          addTerms(values, y, size, simple, 0, enough);
          if (total() >= enough) continue;
        }
        clearLanes();
        addTerms(values, y, size, p, shift, least);
        const cost = total();
        if (cost < least) {
          found = from + k;
          least = cost;
          enough = simpleLimit(simple, p, shift, least);
        }
      }
    }
  }
  store<f64>(COST, least);
  return found;
}

/**
 * From which sum of |e|^q on the sum of |e|^p, p > q, is sure to be `least` or more: the mean of |e|^p is no less than the
 * mean of |e|^q to the power of p/q. With room for all rounding.
 */
function simpleLimit(q: f64, p: f64, shift: f64, least: f64): f64 {
  const mean = least / <f64>size;
  if (q == 0 || !(mean > 1e-250 && mean < 1e250)) return Infinity;
  return <f64>size * powerOf(mean, q / p) * twoTo(q * shift) * (1 + 1e-6);
}

/** The cost of a candidate segment by segment; `limit` or more where it is certain to be no less. */
function longCost(candidate: i32, p: f64, shift: f64, limit: f64): f64 {
  clearLanes();
  for (let i = 0; i < size; i += SEGMENT) {
    const n = min(SEGMENT, size - i);
    const u = values + ((<usize>i) << 2);
    encodeSegment(u, Y, CODES, n, candidate, n, n);
    addTerms(u, Y, n, p, shift, limit);
    if (total() >= limit) return limit;
  }
  return total();
}
