/** What panels of the mix are given, for tests: two tensors, two recipes, and a frontier of three points. */
import type { AllocationTable, Frontier } from "../../../../../kernels/allocation/types.ts";
import { tableOf } from "../../../../../workers/scores/table.ts";
import type { MixInView } from "../panel.ts";
import { mixPart } from "../state.ts";
import { assignedOf, tensorsOf } from "../tensors.ts";
import { scoresForTest } from "./scores.ts";

export const scores = {
  ...scoresForTest(["model.layers.0.q_proj.weight", "model.layers.1.q_proj.weight"], ["int2/64", "int4/64"], {
    nmse: {
      values: [
        [0.4, 0.1],
        [0.2, 0.05],
      ],
      weight: [0.5, 0.5],
    },
  }),
};
scores.tensors = scores.tensors.map((tensor) => ({ ...tensor, bits: [2 * 4096, 4 * 4096] }));

/** Choices of the two tensors at each point, from few bits to many. */
const points = [Int32Array.of(0, 0), Int32Array.of(1, 0), Int32Array.of(1, 1)];

export function mixForTest(point: number, more: Partial<MixInView> = {}): MixInView {
  const table = tableOf(scores, "nmse") as unknown as AllocationTable;
  const tensors = tensorsOf(scores);
  const bits = Float64Array.of(4 * 4096, 6 * 4096, 8 * 4096);
  const loss = Float64Array.of(0.3, 0.15, 0.075);
  const frontier: Frontier = {
    ...{ bits, loss, gaps: new Float64Array(3), gap: 0, resolution: 1, method: "sums", left: [] },
    at: (at) => ({ choice: points[at], loss: loss[at], bits: bits[at] }),
    bound: () => 0,
  };
  return {
    ...{ source: "s", state: { ...mixPart.initial, side: "mix", budget: 3 }, network: null, scores, tensors, table },
    ...{ size: { elements: 8192, fixedBits: 0, cacheBits: 0 }, frontier, point },
    assigned: assignedOf(table, tensors, points[point]),
    rules: "model.layers.0.q_proj.weight=int4/64;model.layers.*.q_proj.weight=int2/64",
    ...more,
  };
}
