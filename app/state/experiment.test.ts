import { expect, it } from "vitest";
import {
  defaultExperiment,
  type Experiment,
  same,
  withLook,
  withRecipe,
  withSource,
  withTensor,
} from "./experiment.ts";

/** Everything about it was chosen by somebody. */
const chosen: Experiment = {
  ...defaultExperiment,
  source: { kind: "files", fingerprints: [{ name: "m", size: 1, digest: "d" }] },
  others: [{ source: { kind: "sample", id: "s" }, chosen: { w: "v" } }],
  ...{ tensor: "w", shape: [2, 3], view: { split: 0, transpose: true }, sample: true, a: "int8/row" },
  look: { tab: "sweep", backend: "wasm" },
  kept: { always: { p: { a: 1 } }, source: { p: { b: 1 } }, matrix: { p: { c: 1 } }, values: { p: { d: 1 } } },
};

it("another source begins anew, but for the recipes and the other checkpoints", () => {
  const source = { kind: "text" as const, text: "1 2" };
  expect(withSource(chosen, source)).toEqual({
    ...chosen,
    ...{ source, others: [{ source: { kind: "sample", id: "s" }, chosen: {} }] },
    ...{ tensor: null, shape: null, view: null, sample: false },
    kept: { ...chosen.kept, source: {}, matrix: {}, values: {} },
  });
});

it("another tensor has its own reading; only files need to know its shape", () => {
  const tensor = { name: "v", shape: [4] };
  expect(withTensor(chosen, tensor)).toEqual({
    ...chosen,
    ...{ tensor: "v", shape: [4], view: null, sample: false },
    kept: { ...chosen.kept, matrix: {}, values: {} },
  });
  expect(withTensor(defaultExperiment, tensor)).toMatchObject({ tensor: "v", shape: null });
  expect(withTensor(chosen, null)).toMatchObject({ tensor: null, shape: null });
});

it("a recipe and a look change what they name and nothing else", () => {
  expect(withRecipe(chosen, "b", "f16")).toEqual({ ...chosen, b: "f16" });
  expect(withRecipe(chosen, "a", "f16")).toEqual({ ...chosen, a: "f16" });
  expect(withLook(chosen, { tab: null })).toEqual({ ...chosen, look: { tab: null, backend: "wasm" } });
});

it("a newcomer sees floats against integers of as many bits, in the first view, where nothing was chosen yet", () => {
  expect(defaultExperiment).toMatchObject({
    ...{ source: { kind: "sample", id: "ocr-recogniser" }, a: "nvfp4", b: "int4/32:f16", sample: false },
    look: { tab: null, backend: null },
    kept: { always: {}, source: {}, matrix: {}, values: {} },
  });
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
