import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AllocationTable } from "../../../../../kernels/allocation/types.ts";
import { neighboursOf, rivalsOf, uniformsOf } from "./candidates.ts";

const frontier = (...bits: number[]) => ({ bits: Float64Array.from(bits) });

describe("neighbours on the frontier", () => {
  it("are a few percent away on both sides", () =>
    expect(neighboursOf(frontier(90, 94, 97, 99, 100, 101, 103, 106, 120), 4)).toEqual([1, 2, 6, 7]));
  it("are the next points where steps are wide, and none beyond the ends", () => {
    expect(neighboursOf(frontier(50, 100, 200), 1)).toEqual([0, 2]);
    expect(neighboursOf(frontier(100, 200), 0)).toEqual([1]);
    expect(neighboursOf(frontier(100), 0)).toEqual([]);
    expect(neighboursOf(frontier(100, 200), -1)).toEqual([]);
  });
  it("never hold the chosen point, and lie on the frontier", () => {
    const steps = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(steps, fc.nat(), (rises, at) => {
        let sum = 100;
        const bits = rises.map((rise) => (sum += rise));
        const point = at % bits.length;
        const near = neighboursOf(frontier(...bits), point);
        expect(near).not.toContain(point);
        expect(near.every((i) => i >= 0 && i < bits.length)).toBe(true);
        expect(near.length).toBeGreaterThanOrEqual(Math.min(1, bits.length - 1));
      }),
    );
  });
});

const item = (name: string) => ({
  name,
  kind: "weight" as const,
  elements: 10,
  layer: 0,
  role: "q",
  tie: null,
  storedBits: 160,
});
const table = (loss: number[], bits: number[]): AllocationTable => ({
  items: [item("a"), item("b")],
  choices: ["int2/32", "int4/32", "keep"],
  ...{ loss: Float64Array.from(loss), bits: Float64Array.from(bits), deviation: null, refused: () => null },
});

describe("uniform recipes", () => {
  it("keep what cannot take them, at its stored bits, and count it", () => {
    const [two, four] = uniformsOf(table([4, 1, 0, Number.NaN, 2, 0], [20, 40, 160, 20, 40, 160]), 7);
    expect(two).toEqual({ choice: 0, bits: 7 + 20 + 160, loss: 4, kept: 1, choices: Int32Array.of(0, -1) });
    expect(four).toEqual({ choice: 1, bits: 7 + 80, loss: 3, kept: 0, choices: Int32Array.of(1, 1) });
  });
  it("are none where nothing takes them", () =>
    expect(uniformsOf(table([Number.NaN, 1, 0, Number.NaN, 2, 0], [20, 40, 160, 20, 40, 160]), 0)).toHaveLength(1));
  it("to hold a mix against are the best and the largest that fit, and the next one above", () => {
    const one = (bits: number, loss: number) => ({ choice: 0, bits, loss, kept: 0, choices: new Int32Array(0) });
    const all = [one(2, 9), one(3, 4), one(3.4, 5), one(4, 2), one(8, 1)];
    expect(rivalsOf(all, 3.5).map(({ bits }) => bits)).toEqual([3, 3.4, 4]);
    expect(rivalsOf(all, 1).map(({ bits }) => bits)).toEqual([2]);
    expect(rivalsOf(all, 9).map(({ bits }) => bits)).toEqual([8]);
    expect(rivalsOf([], 3)).toEqual([]);
  });
});
