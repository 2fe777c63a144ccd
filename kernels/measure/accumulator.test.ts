import { describe, expect, it } from "vitest";
import { LOG_KEYS, VALUE_BINS } from "../report/bins.ts";
import { planOf } from "../testing/matrix.ts";
import { type Accumulator, addAccumulator, makeAccumulator } from "./accumulator.ts";
import { makeSums } from "./sums.ts";

describe("an empty accumulator", () => {
  it("has a place for every row, column, block, code and bin", () => {
    const made = makeAccumulator(planOf("int4/4", 3, 8), -2);
    expect(made).toMatchObject({ ...makeSums(), valueExponent: -2, errorZeros: 0 });
    expect(Object.values(makeSums()).every((sum) => sum === 0)).toBe(true);
    expect([made.values.length, made.errorKeys.length, made.codes?.length]).toEqual([VALUE_BINS, LOG_KEYS, 16]);
    for (const [profile, length] of [
      [made.rows, 3],
      [made.cols, 8],
      [made.blocks, 6],
    ] as const) {
      expect(profile.step).toBe(1);
      for (const list of [profile.error, profile.signal, profile.maxAbs]) expect(list).toHaveLength(length);
    }
    expect(made.map).toMatchObject({ rows: 3, cols: 8, cellRows: 1, cellCols: 1 });
    expect([made.map.error.length, made.map.signal.length]).toEqual([24, 24]);
  });

  it("counts codes up to 2^19 of them, and none where values stay as they are", () => {
    expect(makeAccumulator(planOf("e8m10", 1, 1), 0).codes).toHaveLength(2 ** 19);
    expect(makeAccumulator(planOf("f32", 1, 1), 0).codes).toBeNull();
  });

  it("has one block for a direct cast", () => {
    expect(makeAccumulator(planOf("e4m3", 5, 7), 0).blocks.error).toHaveLength(1);
  });

  it("puts more than 2^16 entries together by powers of two", () => {
    const lengths = (cols: number) => {
      const { step, error } = makeAccumulator(planOf("e4m3", 1, cols), 0).cols;
      return [step, error.length];
    };
    expect([2 ** 16, 2 ** 16 + 1, 2 ** 17, 2 ** 17 + 1].map(lengths)).toEqual([
      [1, 2 ** 16],
      [2, 2 ** 15 + 1],
      [2, 2 ** 16],
      [4, 2 ** 15 + 1],
    ]);
  });

  it("has a map of at most 256 x 256 cells", () => {
    const shape = (rows: number, cols: number) => {
      const { map } = makeAccumulator(planOf("e4m3", rows, cols), 0);
      expect([map.error.length, map.signal.length]).toEqual([map.rows * map.cols, map.rows * map.cols]);
      return [map.rows, map.cols, map.cellRows, map.cellCols];
    };
    expect(shape(256, 257)).toEqual([256, 129, 1, 2]);
    expect(shape(600, 3)).toEqual([200, 3, 3, 1]);
    expect(shape(1000, 256)).toEqual([250, 256, 4, 1]);
  });
});

describe("two accumulators", () => {
  /** Every number of it one of its own. */
  function filled(plan: ReturnType<typeof planOf>, first: number): Accumulator {
    const made = makeAccumulator(plan, 0);
    let next = first;
    for (const key of Object.keys(makeSums()) as (keyof ReturnType<typeof makeSums>)[]) made[key] = next++;
    made.errorZeros = next++;
    const lists: { length: number; [i: number]: number }[] = [made.values, made.errorKeys, made.codes ?? []];
    for (const { error, signal } of [made.rows, made.cols, made.blocks, made.map]) lists.push(error, signal);
    for (const { maxAbs } of [made.rows, made.cols, made.blocks]) lists.push(maxAbs);
    for (const list of lists) for (let i = 0; i < list.length; i++) list[i] = next++ % 97;
    return made;
  }

  it("add number by number, but for the largest errors, of which the larger stays", () => {
    const plan = planOf("int4/4", 3, 8);
    const [from, into, before] = [filled(plan, 5), filled(plan, 60), filled(plan, 60)];
    addAccumulator(from, into);
    for (const key of Object.keys(makeSums()) as (keyof ReturnType<typeof makeSums>)[]) {
      expect(into[key]).toBe(key === "maxAbs" ? Math.max(from[key], before[key]) : from[key] + before[key]);
    }
    expect(into.errorZeros).toBe(from.errorZeros + before.errorZeros);
    for (const key of ["values", "errorKeys", "codes"] as const) {
      expect(into[key]).toEqual(before[key]!.map((v, i) => v + from[key]![i]));
    }
    for (const key of ["rows", "cols", "blocks", "map"] as const) {
      expect(into[key].error).toEqual(before[key].error.map((v, i) => v + from[key].error[i]));
      expect(into[key].signal).toEqual(before[key].signal.map((v, i) => v + from[key].signal[i]));
    }
    for (const key of ["rows", "cols", "blocks"] as const) {
      expect(into[key].maxAbs).toEqual(before[key].maxAbs.map((v, i) => Math.max(v, from[key].maxAbs[i])));
    }
    expect(from).toEqual(filled(plan, 5));
  });

  it("add where codes are not counted", () => {
    const plan = planOf("f32", 1, 2);
    const into = filled(plan, 1);
    addAccumulator(filled(plan, 7), into);
    expect([into.codes, into.count]).toEqual([null, 8]);
  });
});
