import { addKept, countOf, type KeptValues, keptBits, largestPlaces } from "../places.ts";
import type { Matrix, Split } from "../step.ts";
import type { ClampParams } from "./index.ts";

interface Clamped {
  /** Values are cut at +-end. */
  end: number;
  /** What was cut off and is stored; null where it is lost. */
  cut: KeptValues | null;
  /** Values that were cut. */
  count: number;
}

/** The quantile q of the finite magnitudes, at place q (n - 1) of the n sorted ones, between neighbours in proportion. */
export function magnitudeQuantile(operand: Matrix, q: number): number {
  const n = countOf(operand, 1);
  if (n === 0) return Infinity;
  const place = q * (n - 1);
  const below = Math.floor(place);
  const { values } = operand;
  // The smallest of so many largest ones is the one at that place.
  const at = (k: number) => largestPlaces(values, n - k).reduce((m, i) => Math.min(m, Math.abs(values[i])), Infinity);
  const low = at(below);
  return place === below ? low : Math.fround(low + (place - below) * (at(below + 1) - low));
}

const cutAt = (x: number, end: number): number =>
  x > end && x < Infinity ? end : x < -end && x > -Infinity ? -end : x;

export const work: Split<ClampParams, Clamped> = {
  kind: "split",
  async fit({ q, values }, operand, job) {
    const end = magnitudeQuantile(operand, q);
    await job.checkpoint(1, 1, "values");
    const places: number[] = [];
    operand.values.forEach((x, i) => {
      if (x - x === 0 && cutAt(x, end) !== x) places.push(i);
    });
    if (!values) return { end, cut: null, count: places.length };
    const cut = Float32Array.from(places, (i) => operand.values[i] - cutAt(operand.values[i], end));
    const side = await job.store("what was cut off", { rows: 1, cols: cut.length, values: cut }, values);
    return { end, cut: { places: Uint32Array.from(places), side }, count: places.length };
  },
  rest: ({ end }, { values }) => values.map((x) => cutAt(x, end)),
  add: ({ cut }, rows) => (cut ? addKept(cut, rows) : rows.values),
  bits: ({ cut }, of) => (cut ? keptBits("values cut off", cut, of) : []),
  side: ({ cut }) => (cut ? [cut.side] : []),
  notes: ({ end, count, cut }) =>
    cut || count === 0 ? [] : [`clamp: ${count} values lose what lies beyond ${Number(end.toPrecision(4))}`],
};
