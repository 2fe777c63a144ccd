import { describe, expect, it } from "vitest";
import { coverable, coverageOf, isWhole, type TensorOutcome } from "./coverage.ts";

const good = (target: number): TensorOutcome => ({ target, metrics: {}, error: null });
const bad = (target: number): TensorOutcome => ({ target, metrics: null, error: "does not divide" });
const less = (target: number): TensorOutcome => ({
  ...good(target),
  instead: { text: "int4/32", reason: "does not divide" },
});
const elements = (target: number) => 10 ** target;

describe("what a figure over several tensors holds", () => {
  it("is all of them, however some were quantized", () => {
    expect(coverageOf([good(0), less(1), good(2)], [0, 1, 2], elements)).toEqual({
      ...{ tensors: 3, of: 3, values: 111, leftOut: [] },
      without: [{ target: 1, text: "int4/32", reason: "does not divide" }],
    });
  });

  it("is said where it is not all, and cannot be compared then", () => {
    const part = coverageOf([good(0), bad(2)], [0, 2], elements)!;
    expect(part).toMatchObject({ tensors: 1, of: 2, values: 1, leftOut: [{ target: 2, reason: "does not divide" }] });
    expect([isWhole(part), isWhole(coverageOf([good(0)], [0], elements)!)]).toEqual([false, true]);
  });

  it("is nothing where no tensor took the recipe as it is written", () => {
    expect(coverageOf([less(0), bad(1), less(2)], [0, 1, 2], elements)).toBeNull();
    expect(coverageOf([], [0], elements)).toBeNull();
  });

  it("is measured by the tensors that anything could be done to", () => {
    expect(coverable([good(0), bad(1), bad(0), less(2)], [0, 1, 2])).toEqual([0, 2]);
  });
});
