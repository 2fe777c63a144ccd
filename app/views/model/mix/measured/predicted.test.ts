import { expect, it } from "vitest";
import type { MeasuredMix } from "../../../../../workers/sensitivity/request.ts";
import { lessMix, pointOf, predictedOf } from "./predicted.ts";

const item = (name: string) => ({
  name,
  kind: "weight" as const,
  elements: 10,
  layer: 0,
  role: "q",
  tie: null,
  storedBits: 160,
});
const table = {
  ...{ items: [item("a"), item("b")], choices: ["int2/32", "int4/32", "keep"], deviation: null, refused: () => null },
  ...{ loss: Float64Array.of(4, 1, 0, Number.NaN, 2, 0), bits: new Float64Array(6) },
};
const of = (...pairs: [string, string][]) => predictedOf(table, new Map(pairs));

it("a prediction is the sum over tensors, and none where a part of it is not known", () => {
  expect(of(["a", "int2/32"], ["b", "int4/32"])).toBe(6);
  expect(of(["a", "int4/32"])).toBe(1);
  expect(of()).toBe(0);
  // Without a figure, under a recipe outside of the grid, of a tensor that was not scored.
  expect(of(["b", "int2/32"])).toBeNull();
  expect(of(["a", "q4_k"])).toBeNull();
  expect(of(["a", "int4/32"], ["head", "int4/32"])).toBeNull();
  expect(of(["a", "int4/32"], ["head", "keep"])).toBe(1);
});

const none = { value: null, stderr: null };
const measured = (more: Partial<MeasuredMix> = {}) => ({
  candidate: { kind: "mix" as const, label: "m", rules: "r", assigned: new Map([["a", "int4/32"]]), notes: [] },
  beside: "r",
  mix: {
    ...{
      name: "m",
      kind: "chosen" as const,
      weights: "r",
      predicted: null,
      recipe: "r",
      bitsPerWeight: 4.5,
      broken: 0,
    },
    ...{ kl: { value: 0.5, stderr: 0.1 }, nll: none, perplexity: none, topOne: none, failed: null },
    against: { value: 0.1, stderr: 0.01 },
    ...more,
  },
});

it("what was chosen once is a neighbour when another mix is chosen", () => {
  expect(pointOf(measured(), table, "r")).toMatchObject({ kind: "mix", bits: 4.5, predicted: 1, notes: [] });
  expect(pointOf(measured(), table, "other").kind).toBe("neighbour");
  expect(pointOf(measured(), null, "r").predicted).toBeNull();
});

it("what failed or is broken has no figure, and says so", () => {
  const failed = pointOf(measured({ failed: "it does not fit.", bitsPerWeight: Number.NaN }), table, "r");
  expect(failed).toMatchObject({ measured: null, bits: null, notes: ["could not be measured: it does not fit."] });
  expect(pointOf(measured({ broken: 7, kl: none }), table, "r").notes[0]).toContain("7 predictions");
});

it("differences are from the mix that was run beside, while it is the chosen one", () => {
  expect(lessMix(measured(), "r")).toEqual({ value: 0.1, stderr: 0.01 });
  expect(lessMix(measured(), "other")).toBeNull();
});
