import { expect, it } from "vitest";
import { noChoices } from "../../../workers/lm/figures/distribution.ts";
import type { WindowResult } from "../../../workers/lm/request.ts";
import { klHistogram, windowPoints } from "./windowFigures.ts";

const window = (index: number, kl: number[]): WindowResult => ({
  ...{ index, first: 0, targets: new Uint32Array(kl.length), pieces: [] },
  ...{ nll: new Float64Array(kl.length).fill(2), choices: noChoices(kl.length), chosen: new Map() },
  a: {
    nll: new Float64Array(kl.length),
    kl: Float64Array.from(kl),
    same: new Uint8Array(kl.length),
    change: new Float64Array(kl.length),
    choices: noChoices(kl.length),
  },
  b: null,
});

it("windows stand in the order of the text, each with its mean", () => {
  const points = windowPoints([window(5, [0.1, 0.3]), window(2, [Number.NaN, 1]), window(3, [])]);
  expect(points.map(({ index, predictions, base, b }) => [index, predictions, base, b])).toEqual([
    [2, 2, 2, null],
    [5, 2, 2, null],
  ]);
  expect(points[0].a).toBeNaN();
  expect(points[1].a).toBeCloseTo(0.2, 12);
});

it("KL of predictions is counted by quarters of octaves; what has no place there is counted aside", () => {
  const h = klHistogram([window(0, [0.25, 0.25, 0.26, 1, -1e-17, 1e-9, Number.NaN])], "a", 1e-8);
  expect(h).toMatchObject({ total: 7, below: 2, broken: 1 });
  expect(h.bins[0]).toEqual({ lo: -2, hi: -1.75, count: 3 });
  expect(h.bins.at(-1)).toEqual({ lo: 0, hi: 0.25, count: 1 });
  expect(h.bins.reduce((sum, { count }) => sum + count, 0)).toBe(4);
  expect(klHistogram([], "b", 0).bins).toEqual([]);
});
