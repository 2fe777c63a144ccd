import { expect, it } from "vitest";
import {
  defaultExperiment,
  defaultLook,
  defaultSweep,
  type Experiment,
  isLog,
  same,
  sweepMetrics,
  withLook,
  withRecipe,
  withSource,
  withSweep,
  withTensor,
} from "./experiment.ts";

/** Everything about it was chosen by somebody. */
const chosen: Experiment = {
  ...defaultExperiment,
  source: { kind: "files", fingerprints: [{ name: "m", size: 1, digest: "d" }] },
  others: [{ source: { kind: "sample", id: "s" }, chosen: { w: "v" } }],
  ...{ tensor: "w", shape: [2, 3], view: { split: 0, transpose: true }, sample: true, a: "int8/row" },
  look: { ...defaultLook, zoom: { lo: 0, hi: 1 }, window: { row0: 0, row1: 1, col0: 0, col1: 1 }, axis: "col" },
  sweep: {
    ...defaultSweep,
    tensors: ["w"],
    shown: "w",
    zoom: { x: { lo: 0, hi: 1 }, y: { lo: 0, hi: 1 } },
    grid: "nf4/64",
  },
};

it("another source begins anew, but for the recipes and the other checkpoints", () => {
  const source = { kind: "text" as const, text: "1 2" };
  expect(withSource(chosen, source)).toEqual({
    ...chosen,
    ...{ source, others: [{ source: { kind: "sample", id: "s" }, chosen: {} }] },
    ...{ tensor: null, shape: null, view: null, sample: false },
    look: { ...chosen.look, zoom: null, window: null },
    sweep: { ...chosen.sweep, tensors: [], shown: null, zoom: null },
  });
});

it("another tensor has its own reading; only files need to know its shape", () => {
  const tensor = { name: "v", shape: [4] };
  expect(withTensor(chosen, tensor)).toEqual({
    ...chosen,
    ...{ tensor: "v", shape: [4], view: null, sample: false },
    look: { ...chosen.look, zoom: null, window: null },
  });
  expect(withTensor(defaultExperiment, tensor)).toMatchObject({ tensor: "v", shape: null });
  expect(withTensor(chosen, null)).toMatchObject({ tensor: null, shape: null });
});

it("a recipe, a look and a sweep change what they name and nothing else", () => {
  expect(withRecipe(chosen, "b", "f16")).toEqual({ ...chosen, b: "f16" });
  expect(withRecipe(chosen, "a", "f16")).toEqual({ ...chosen, a: "f16" });
  expect(withLook(chosen, { tab: "sweep" })).toEqual({ ...chosen, look: { ...chosen.look, tab: "sweep" } });
  expect(withSweep(chosen, { phases: 4 })).toEqual({ ...chosen, sweep: { ...chosen.sweep, phases: 4 } });
});

it("a newcomer sees floats against integers of as many bits, on the Bench", () => {
  expect(defaultExperiment).toMatchObject({
    ...{ source: { kind: "sample", id: "ocr-recogniser" }, a: "nvfp4", b: "int4/32:f16", sample: false },
    look: { tab: "bench", map: "a", axis: "row", format: "e4m3", unit: "own", backend: null },
    sweep: { metric: "nmse", part: "base", phases: 0, small: false, fallBack: true },
  });
});

it("ratios in decibels alone are not drawn by their logarithm", () => {
  expect(sweepMetrics.filter((metric) => !isLog(metric))).toEqual(["sqnrDb"]);
});

it("plain data is the same where every part is", () => {
  const pairs: [unknown, unknown, boolean][] = [
    [1, 1, true],
    [1, "1", false],
    [null, null, true],
    [null, {}, false],
    [{}, null, false],
    [{ a: 1 }, 1, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: 1, b: 2 }, { a: 1, c: 2 }, false],
    [[1], { 0: 1 }, false],
    [[[1], 2], [[1], 2], true],
    [[[1], 2], [[2], 2], false],
    [0, -0, false],
  ];
  for (const [a, b, equal] of pairs) expect([a, b, same(a, b)]).toEqual([a, b, equal]);
});
