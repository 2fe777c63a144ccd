import { expect, it } from "vitest";
import { matrixKey, requestKey, resultKey, sourcePrefix, tensorOf } from "./identity.ts";
import type { RunRequest } from "./target.ts";

const target = { source: "s", tensor: "w", view: { split: 1, transpose: false } };
const request: RunRequest = { target, recipe: "nvfp4", definitions: [], backend: null };

it("requests have one text where they give the same numbers", () => {
  const others: RunRequest[] = [
    { ...request, target: { ...target, source: "t" } },
    { ...request, target: { ...target, tensor: "v" } },
    { ...request, target: { ...target, view: { split: 0, transpose: false } } },
    { ...request, target: { ...target, view: { split: 1, transpose: true } } },
    { ...request, target: { ...target, sample: 100 } },
    { ...request, target: { ...target, given: [null] } },
    { ...request, target: { ...target, calibration: "X.npy" } },
    { ...request, target: { ...target, calibration: "X.npy", activations: "int8/row" } },
    { ...request, recipe: "mxfp4" },
    { ...request, definitions: ["x:=codebook(0,1)"] },
    { ...request, backend: "wasm" },
  ];
  expect(new Set([request, ...others].map(requestKey)).size).toBe(12);
  expect(requestKey({ ...request, target: { ...target, given: [] } })).toBe(requestKey(request));
  expect(others.map((other) => tensorOf(requestKey(other)))).toEqual(others.map((other) => other.target.tensor));
});

it("keys of a source begin alike, and those of no other", () => {
  const key = (source: string) => resultKey(matrixKey({ ...target, source }), "int4", []);
  for (const own of ["s", "s1", 's","w', "s\n"]) {
    for (const other of ["s", "s1", 's","w', "s\n"])
      expect(key(other).startsWith(sourcePrefix(own))).toBe(own === other);
  }
});

it("readings of a tensor, and recipes with other definitions, are told apart", () => {
  expect(matrixKey(target)).not.toBe(matrixKey({ ...target, view: { split: 2, transpose: false } }));
  const keys = [
    resultKey(matrixKey(target), "a", ["b"]),
    resultKey(matrixKey(target), "a", []),
    resultKey(matrixKey({ ...target, tensor: 'w"\n["a",["b"],"[]"]' }), "a", ["b"]),
    resultKey(matrixKey(target), "a", ["b"], '[{"source":"t"}]'),
  ];
  expect(new Set(keys).size).toBe(4);
});
