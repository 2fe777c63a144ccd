import { expect, it } from "vitest";
import { expandSweep, parseSweep } from "../../../kernels/sweep/index.ts";
import { figuresForTest } from "../../../kernels/testing/figures.ts";
import { withinExtent } from "./axes.ts";
import type { PlotPoint } from "./points.ts";
import { isDrawn } from "./spots.ts";
import type { SweepRun } from "./store.ts";
import { inWords, remarksOn } from "./words.ts";

const { recipes } = expandSweep(parseSweep("int4/(32,64)"));
const point = (i: number, nmse: number | null, nonFinite = 0): PlotPoint => ({
  ...recipes[i],
  ...{ bits: 5 - i, phase: null, backend: "wasm", coverage: null },
  metrics: {
    ...figuresForTest(),
    ...{ mse: 0, nmse, sqnrDb: null, maxAbs: 0, meanAbs: 0, cosine: null, bias: null, saturated: 0, flushed: 0 },
    ...{ dead: 0, nonFinite, broken: 0, bitsPerWeight: 5 - i },
  },
});
const run = (tensors: number): SweepRun => ({
  ...{ key: "", grid: "", recipes, points: [], notes: ["the GPU left"], complete: true, seconds: 1, small: [] },
  request: { targets: [], recipes: [], definitions: [], phases: 0, backend: null },
  tensors: Array.from({ length: tensors }, (_, i) => ({ name: `w${i}`, shape: [4], elements: 4 })),
});

it("a frontier is told in words, one of a single recipe and one without values too", () => {
  const [a, b] = [point(0, 0.1), point(1, 0.2)];
  expect(inWords([], [], "nmse")).toBe("No points yet.");
  expect(inWords([a, b], [b, a], "nmse")).toBe(
    "2 recipes by NMSE and bits a weight. 2 are on the frontier, from int4/64 at 4.00 bits to int4/32 at 5.00 bits.",
  );
  expect(inWords([a], [a], "mse")).toBe("1 recipe by MSE and bits a weight. On the frontier is int4/32 at 5.00 bits.");
  expect(inWords([point(0, null)], [], "nmse")).toMatch(/NMSE has no value here, since the squares .* add up to zero/);
});

it("remarks tell what was left out", () => {
  expect(remarksOn(run(1), null, [point(0, 0.1, 3)])).toEqual([
    "The GPU left.",
    "3 values are NaN or Inf and left out.",
  ]);
  expect(remarksOn(run(2), null, [point(0, 0.1)]).at(-1)).toBe("1 recipe fits none of the tensors.");
  expect(remarksOn(run(2), 1, [point(0, 0.1)])).toHaveLength(1);
  expect(remarksOn(run(1), null, [point(0, 0.1), point(1, Number.POSITIVE_INFINITY)]).at(-1)).toBe(
    "1 recipe has no finite NMSE and is not drawn.",
  );
  expect([isDrawn(Number.POSITIVE_INFINITY, "sqnrDb"), isDrawn(0, "nmse"), isDrawn(null, "nmse")]).toEqual([
    ...[true, true, false],
  ]);
  expect(isDrawn(Number.POSITIVE_INFINITY, "nmse")).toBe(false);
});

it("a brushed stretch holds what lies in it, and points without any error by their bits", () => {
  const extent = { x: { lo: 3.5, hi: 4.5 }, y: { lo: 0.15, hi: 1 } };
  const points = [point(0, 0.2), point(1, 0.2), point(1, 0.1), point(1, 0), point(1, null)];
  expect(withinExtent(points, extent, "nmse")).toEqual([points[1], points[3]]);
  expect(withinExtent(points, null, "nmse")).toBe(points);
});
