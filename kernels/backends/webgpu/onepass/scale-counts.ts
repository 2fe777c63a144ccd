import { floatFromBits } from "../../../exact/bits.ts";
import { LOG_KEYS } from "../../../report/bins.ts";
import { findRank } from "../../../report/order.ts";
import { type ScaleSummary, trimKeys } from "../../../scales/summary.ts";
import type { ComputeDevice, Dispatch } from "../device/device.ts";
import type { Kernels } from "../wgsl/kernels.ts";
import {
  COUNTED_SCALES,
  LOWER_COUNTS,
  MIDDLE_COUNTS,
  MIDDLE_SHIFT,
  scaleCounts,
  UPPER_COUNTS,
  UPPER_SHIFT,
} from "../wgsl/scale-counts.ts";

/** Fewer scales are read and counted by the processor in less time. */
export const LEAST_COUNTED = 2 ** 15;
const BYTES = scaleCounts.words * 4;

/** What counts so many scales that lie in `words` from `at` on, and the buffer and bytes of the counts. */
export async function scaleCounting(
  compute: ComputeDevice,
  kernels: Kernels,
  words: GPUBuffer,
  at: number,
  count: number,
): Promise<{ counts: GPUBuffer; bytes: number; dispatches: Dispatch[] }> {
  const counts = compute.storage("scale.counts", BYTES);
  const buffers = [compute.upload("scale.place", Uint32Array.of(at, count, count >> 1), true), words, counts];
  const workgroups = Math.ceil(count / COUNTED_SCALES);
  const pipelines = await Promise.all((["upper", "middle", "lower"] as const).map((of) => kernels.scaleCounts(of)));
  const dispatches = pipelines.map((pipeline) => ({ pipeline, label: "scale counts", buffers, workgroups }));
  return { counts, bytes: BYTES, dispatches };
}

/** The same as `plainSummary` of the scales that were counted. */
export function countedSummary(words: Uint32Array, count: number): ScaleSummary["levels"][number] {
  const part = (at: number, length: number) => words.subarray(at, at + length);
  const upperCounts = part(scaleCounts.upper, UPPER_COUNTS);
  const upper = findRank(upperCounts, count >> 1);
  const middle = findRank(part(scaleCounts.middle, MIDDLE_COUNTS), (count >> 1) - upper.before);
  const lower = findRank(part(scaleCounts.lower, LOWER_COUNTS), (count >> 1) - upper.before - middle.before);
  const median = (upper.bucket << UPPER_SHIFT) | (middle.bucket << MIDDLE_SHIFT) | lower.bucket;
  const keys = new Uint32Array(LOG_KEYS);
  const perKey = UPPER_COUNTS / LOG_KEYS;
  upperCounts.forEach((n, k) => {
    keys[Math.floor(k / perKey)] += n;
  });
  const zeros = words[scaleCounts.zeros];
  keys[0] -= zeros;
  const [least, most] = [~words[scaleCounts.least] >>> 0, words[scaleCounts.most]];
  const [min, middling, max] = [least, median, most].map(floatFromBits);
  return { count, histogram: trimKeys(zeros, keys), negative: 0, min, median: middling, max };
}
