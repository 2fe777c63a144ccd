// What candidates for the scale of a block cost, as `scales/trials.ts` has it: the same sums in the same order.
import { Field } from "../fields";
import { addTerms, clearLanes, total } from "./costs";
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
  if (copies == 0) {
    const scales = address(Field.scales);
    const zeros = address(Field.zeroPoints);
    for (let i = 0; i < count; i++) {
      const at = (<usize>i) << 2;
      let cost: f64 = -1;
      if (lean) cost = leanCost(load<f32>(scales + at), zeros ? load<i32>(zeros + at) : 0, values, size, p, shift, least);
      // What float32 does not decide goes the exact way.
      if (cost == -1) cost = longCost(i, p, shift, least);
      if (cost < least) {
        found = i;
        least = cost;
      }
    }
  } else {
    for (let from = 0; from < count; from += copies) {
      const m = min(copies, count - from);
      encodeSegment(COPIES, Y, CODES, m * size, from, size, size);
      for (let k = 0; k < m; k++) {
        clearLanes();
        addTerms(values, Y + ((<usize>(k * size)) << 2), size, p, shift, least);
        const cost = total();
        if (cost < least) {
          found = from + k;
          least = cost;
        }
      }
    }
  }
  store<f64>(COST, least);
  return found;
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
