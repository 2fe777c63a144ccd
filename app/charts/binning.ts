/** Histograms of the report made fit for drawing. */
import type { LinearHistogram, LogHistogram } from "../../kernels/report/report.ts";

/** A bar of a histogram over [lo, hi). */
export interface Bin {
  lo: number;
  hi: number;
  count: number;
}

/**
 * The bins of a linear histogram that meet [lo, hi), neighbours joined so that at most `limit` are left. Joined bins
 * stand on multiples of the join, so bars do not shimmer while one pans.
 */
export function binsIn(h: LinearHistogram, lo: number, hi: number, limit: number): Bin[] {
  const n = h.counts.length;
  const width = (h.hi - h.lo) / n;
  if (n === 0 || !(width > 0)) return [];
  const from = Math.max(0, Math.floor((lo - h.lo) / width));
  const to = Math.min(n, Math.ceil((hi - h.lo) / width));
  const join = Math.max(1, Math.ceil((to - from) / Math.max(1, limit)));
  const bins: Bin[] = [];
  for (let start = from - (from % join); start < to; start += join) {
    const end = Math.min(n, start + join);
    let count = 0;
    for (let i = start; i < end; i++) count += h.counts[i];
    bins.push({ lo: h.lo + start * width, hi: h.lo + end * width, count });
  }
  return bins;
}

/**
 * The bins of several histograms over [lo, hi), all of one width, so that their counts can be compared: the least power of
 * two of which at most `limit` span the range and that no histogram's own bins exceed. Bins stand on multiples of it. The
 * histograms' bins are powers of two wide and stand on multiples of that.
 */
export function commonBins(histograms: readonly LinearHistogram[], lo: number, hi: number, limit: number): Bin[][] {
  const own = histograms.map((h) => (h.hi - h.lo) / h.counts.length);
  const width = Math.max(2 ** Math.ceil(Math.log2((hi - lo) / Math.max(1, limit))), ...own);
  const [first, last] = [Math.floor(lo / width), Math.ceil(hi / width)];
  return histograms.map((h, k) => {
    const counts = new Float64Array(Math.max(0, last - first));
    // A histogram's first bin may stand in the middle of a common one.
    h.counts.forEach((count, i) => {
      const at = Math.floor((h.lo + i * own[k]) / width) - first;
      if (at >= 0 && at < counts.length) counts[at] += count;
    });
    return Array.from(counts, (count, i) => ({ lo: (first + i) * width, hi: (first + i + 1) * width, count }));
  });
}

/** Index of the bin that holds `x`, or -1. */
export function binAt(bins: readonly Bin[], x: number): number {
  let lo = 0;
  let hi = bins.length - 1;
  while (lo <= hi) {
    const mid = (lo + hi) >> 1;
    if (x < bins[mid].lo) hi = mid - 1;
    else if (x >= bins[mid].hi) lo = mid + 1;
    else return mid;
  }
  return -1;
}

/** The part of a linear histogram that holds counts, with a little room on both sides; its whole range if it is empty. */
export function occupied(h: LinearHistogram): { lo: number; hi: number } {
  let first = 0;
  let last = h.counts.length - 1;
  while (first < last && h.counts[first] === 0) first++;
  while (last > first && h.counts[last] === 0) last--;
  if (h.counts.length === 0 || h.counts[first] === 0) return { lo: h.lo, hi: h.hi };
  const width = (h.hi - h.lo) / h.counts.length;
  const room = (last + 1 - first) * width * 0.02;
  return { lo: h.lo + first * width - room, hi: h.lo + (last + 1) * width + room };
}

/** Share of the values that the bulk holds. */
const BULK = 0.999;

/**
 * The narrowest of the ranges from -m to m, with m a power of two or one and a half of it, that holds 99.9 % of the
 * counted values; bins that it cuts count as outside. `null` where it is wider than the histogram.
 */
export function bulkRange(h: LinearHistogram): { lo: number; hi: number } | null {
  const n = h.counts.length;
  const width = (h.hi - h.lo) / n;
  // Counts by the greatest magnitude a bin may hold.
  const reach = Array.from(h.counts, (count, i) => ({
    count,
    most: Math.max(Math.abs(h.lo + i * width), Math.abs(h.lo + (i + 1) * width)),
  })).filter((bin) => bin.count > 0);
  reach.sort((p, q) => p.most - q.most);
  const total = reach.reduce((sum, bin) => sum + bin.count, h.below + h.above);
  let held = 0;
  for (const { count, most } of reach) {
    held += count;
    if (held < BULK * total) continue;
    const power = 2 ** Math.ceil(Math.log2(most));
    const limit = most <= 0.75 * power ? 0.75 * power : power;
    return limit < Math.max(Math.abs(h.lo), Math.abs(h.hi)) ? { lo: -limit, hi: limit } : null;
  }
  return null;
}

/** How many of the counted values lie on either side of [lo, hi); a bin that an end cuts counts as inside. */
export function beyond(h: LinearHistogram, lo: number, hi: number): { below: number; above: number } {
  const width = (h.hi - h.lo) / h.counts.length;
  let { below, above } = h;
  h.counts.forEach((count, i) => {
    if (h.lo + (i + 1) * width <= lo) below += count;
    else if (h.lo + i * width >= hi) above += count;
  });
  return { below, above };
}

const bits = new DataView(new ArrayBuffer(4));

/**
 * Position of a magnitude on an axis of octaves that is linear between powers of two: 2^k stands at k. Bins of a
 * LogHistogram are a quarter wide on it, each.
 */
export function octave(magnitude: number): number {
  bits.setFloat32(0, Math.abs(magnitude));
  return bits.getUint32(0) / 2 ** 23 - 127;
}

/** The magnitude at a position of the axis of octaves. */
export function magnitudeAt(position: number): number {
  const word = Math.round((position + 127) * 2 ** 23);
  bits.setUint32(0, Math.max(0, Math.min(0x7f800000, word)));
  return bits.getFloat32(0);
}

/** Bars of a log histogram in octaves (see `octave`). */
export function octaveBins(h: LogHistogram): Bin[] {
  return Array.from(h.counts, (count, k) => {
    const lo = (h.firstKey + k) / 4 - 127;
    return { lo, hi: lo + 0.25, count };
  });
}

/** First and past-the-last position with a count, in whole octaves; `null` where nothing was counted. */
export function octaveRange(histograms: readonly LogHistogram[]): { lo: number; hi: number } | null {
  let lo = Infinity;
  let hi = -Infinity;
  for (const h of histograms)
    h.counts.forEach((count, k) => {
      if (count === 0) return;
      lo = Math.min(lo, (h.firstKey + k) / 4 - 127);
      hi = Math.max(hi, (h.firstKey + k + 1) / 4 - 127);
    });
  return lo > hi ? null : { lo: Math.floor(lo), hi: Math.ceil(hi) };
}

/** Ticks at whole octaves, at most `limit`, on multiples of 1, 2, 4, 8 ... */
export function octaveTicks(lo: number, hi: number, limit: number): number[] {
  let step = 1;
  while ((hi - lo) / step > Math.max(1, limit)) step *= 2;
  const ticks: number[] = [];
  for (let t = Math.ceil(lo / step) * step; t <= hi; t += step) ticks.push(t);
  return ticks;
}
