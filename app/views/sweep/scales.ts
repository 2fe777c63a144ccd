/** The extents of the axes: whole steps that only grow while points come in, so that nothing on the screen jumps. */
import type { Range } from "../../charts/types.ts";

const round = (x: number): number => Number(x.toPrecision(12));

/** The narrowest range of whole steps that holds the values, at least one step wide; null where there are none. */
export function steppedExtent(values: Iterable<number>, step: number): Range | null {
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    lo = Math.min(lo, value);
    hi = Math.max(hi, value);
  }
  if (lo > hi) return null;
  const [first, last] = [Math.floor(round(lo / step)), Math.ceil(round(hi / step))];
  return { lo: round(first * step), hi: round(Math.max(last, first + 1) * step) };
}

/** Half decades: 1, 3.16, 10 ... of the values above zero. */
export function logExtent(values: Iterable<number>): Range | null {
  const logs: number[] = [];
  for (const value of values) if (value > 0) logs.push(Math.log10(value));
  const extent = steppedExtent(logs, 0.5);
  return extent && { lo: 10 ** extent.lo, hi: 10 ** extent.hi };
}

/** The range that holds both. */
export function union(a: Range | null, b: Range | null): Range | null {
  if (!a || !b) return a ?? b;
  if (a.lo <= b.lo && a.hi >= b.hi) return a;
  return { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
}

/** Ticks of a logarithmic axis: every decade, and 2 and 5 between where there are few decades. */
export function logTicks({ lo, hi }: Range): { value: number; strong: boolean }[] {
  const decades = Math.log10(hi / lo);
  const between = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
  const ticks: { value: number; strong: boolean }[] = [];
  for (let e = Math.floor(Math.log10(lo)) - 1; e <= Math.ceil(Math.log10(hi)); e++)
    for (const m of between) {
      const value = Number(`${m}e${e}`);
      if (value >= lo * (1 - 1e-9) && value <= hi * (1 + 1e-9)) ticks.push({ value, strong: m === 1 });
    }
  return ticks;
}
