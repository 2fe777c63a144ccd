/** Assignments of the whole model that were measured, beside what was predicted of them. */
import type { Estimate } from "../../../../../workers/lm/figures/index.ts";

/** Where a point comes from; each has a shape of its own in the charts. */
export type PointKind = "mix" | "neighbour" | "uniform" | "named" | "file" | "log";

export interface MeasuredPoint {
  /** No two points share one. */
  id: string;
  kind: PointKind;
  label: string;
  /** Bits a weight of all that is stored, scales and side tensors included; null where a log does not say. */
  bits: number | null;
  /** In the unit of the signal that predicts; null where nothing predicts it. */
  predicted: number | null;
  /** KL in nats a prediction; null while it is not measured. */
  measured: Estimate | null;
  /** What has to be known of it, in sentences: another text, another run, fallbacks. */
  notes: readonly string[];
}

/** In the order in which they are listed, with their words. */
export const pointKinds: readonly { kind: PointKind; words: string }[] = [
  { kind: "mix", words: "chosen mix" },
  { kind: "neighbour", words: "neighbours on the frontier" },
  { kind: "uniform", words: "one recipe for all" },
  { kind: "named", words: "llama.cpp's mixes" },
  { kind: "file", words: "assignment of a file" },
  { kind: "log", words: "from a log" },
];

/** A point with a KL that can be compared: finite, and above zero where it is drawn on a logarithmic axis. */
export const measuredKl = ({ measured }: MeasuredPoint): number | null =>
  measured?.value != null && Number.isFinite(measured.value) ? measured.value : null;

/** Bits a weight that two assignments may differ by and still be called equal: half of what is written of them. */
const SAME_BITS = 0.0005;

/** The uniform recipe of least KL among those that are no larger than `bits`; null where none was measured. */
export function bestUniform(points: readonly MeasuredPoint[], bits: number): MeasuredPoint | null {
  let best: MeasuredPoint | null = null;
  for (const point of points) {
    const kl = measuredKl(point);
    if (point.kind !== "uniform" || point.bits === null || kl === null || point.bits > bits + SAME_BITS) continue;
    if (!best || kl < measuredKl(best)!) best = point;
  }
  return best;
}

/** The uniform recipe of least size among those larger than `bits` that were measured; null where there is none. */
export function nextUniform(points: readonly MeasuredPoint[], bits: number): MeasuredPoint | null {
  let next: MeasuredPoint | null = null;
  for (const point of points) {
    if (point.kind !== "uniform" || point.bits === null || measuredKl(point) === null) continue;
    if (point.bits > bits + SAME_BITS && (!next || point.bits < next.bits!)) next = point;
  }
  return next;
}
