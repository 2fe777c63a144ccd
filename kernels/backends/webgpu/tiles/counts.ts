import type { Accumulator } from "../../../measure/accumulator.ts";
import { VALUE_BINS } from "../../../report/bins.ts";
import { ENCODE_COUNTS } from "../wgsl/encode.ts";
import { MEASURE_COUNTS, MEASURE_WORDS } from "../wgsl/terms.ts";

/** What encoding counts. */
export type Counted = Pick<Accumulator, "saturated" | "flushed" | "codes">;

/** Adds the counts of encoding: saturated, flushed, codes. */
export function addEncodeCounts(counts: Uint32Array, into: Counted): void {
  into.saturated += counts[0];
  into.flushed += counts[1];
  if (into.codes) addAll(into.codes, counts.subarray(ENCODE_COUNTS));
}

function addAll(into: Uint32Array, counts: Uint32Array): void {
  for (let i = 0; i < into.length; i++) into[i] += counts[i];
}

/** Adds the counts of a measurement: see `wgsl/terms.ts`. */
export function addMeasureCounts(counts: Uint32Array, into: Accumulator): void {
  into.count += counts[0];
  into.nonFinite += counts[1];
  into.brokenResults += counts[2];
  into.errorZeros += counts[3];
  addAll(into.values, counts.subarray(MEASURE_COUNTS));
  addAll(into.errorKeys, counts.subarray(MEASURE_COUNTS + VALUE_BINS, MEASURE_WORDS));
}
