/** Figures of several tensors as if they were one. */
import { joined, type Measured } from "../measure/measured.ts";
import { type SweepMetrics, sweepFiguresOf } from "../measure/metrics/index.ts";

/** What a recipe measured on one tensor; null where it failed. */
export interface TensorMeasured {
  measured: Measured | null;
}

/**
 * Figures of one recipe on several tensors as if they were one: those of its sums, bits and counts added up. Of a tensor with
 * broken results the others are added, signal and error alike.
 */
export const together = (points: readonly TensorMeasured[]): SweepMetrics =>
  sweepFiguresOf(joined(points.flatMap(({ measured }) => measured ?? [])));
