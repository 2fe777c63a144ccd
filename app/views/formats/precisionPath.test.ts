import { describe, expect, it } from "vitest";
import { pathOf, stretchesOf, stretchesOfFloat32 } from "./precisionPath.ts";
import { readFormat } from "./readFormat.ts";

const stretches = (text: string, lo: number, hi: number, columns: number, scale = 1) =>
  stretchesOf(readFormat(text).shown!.rounded!, scale, lo, hi, columns);
const at = (list: ReturnType<typeof stretches>, position: number) =>
  list.find((s) => s.lo <= position && position < s.hi)!;

describe("the curve of greatest relative errors", () => {
  it("reads the same at magnitude 1 whatever the window and its width", () => {
    for (const [lo, hi] of [
      [-3, 5],
      [-0.1, 0.4],
      [-2.7, 4.3],
    ])
      for (const columns of [20, 113, 900]) expect(at(stretches("e2m1", lo, hi, columns), 0).error).toBe(0.2);
  });
  it("covers the axis without holes, one step a gap, a slope beyond the largest", () => {
    const list = stretches("e2m1", -4, 4, 500);
    expect(list[0].lo).toBe(-4);
    expect(list.at(-1)!.hi).toBe(4);
    for (let i = 1; i < list.length; i++) expect(list[i].lo).toBeCloseTo(list[i - 1].hi, 12);
    const within = list.filter((s) => s.hi <= Math.log2(6) + 1e-9).map((s) => s.error);
    expect(within).toEqual([1, 1 / 3, 0.2, 1 / 7, 0.2, 1 / 7, 0.2].map((v) => expect.closeTo(v, 14)));
    expect(list.at(-1)!.error).toBeCloseTo(10 / 16, 12);
  });
  it("takes the worst of the gaps in a column where they are many, and the same values when scaled", () => {
    const fine = stretches("f16", -20, 20, 300);
    expect(Math.max(...fine.filter((s) => s.lo > -13 && s.hi < 15.9).map((s) => s.error))).toBeCloseTo(
      2 ** -11 / (1 + 2 ** -11),
      10,
    );
    const own = stretches("e4m3", -8, 8, 400);
    const moved = stretches("e4m3", -11, 5, 400, 2 ** -3);
    expect(moved.map((s) => s.error)).toEqual(own.map((s) => s.error));
    const clipped = stretches("e5m2", -8, 8, 2000, 0.0137);
    expect(Math.max(...clipped.map((s) => s.error))).toBeLessThanOrEqual(1);
    expect(at(clipped, 0).error).toBeCloseTo(1 / 9, 1);
  });
  it("shows where nothing bounds the error and where results are no numbers", () => {
    expect(stretches("binary", -4, 2, 200)[0].error).toBeCloseTo(15, 10);
    expect(stretches("e5m2(sat=inf)", 15, 17, 200).at(-1)!.error).toBe(Number.NaN);
    const path = pathOf(
      stretches("e5m2(sat=inf)", 15, 17, 200),
      (p) => p,
      (e) => Math.min(e, 9),
    );
    expect(path).not.toContain("NaN");
    expect(path.startsWith("M")).toBe(true);
  });
  it("knows float32", () => {
    const list = stretchesOfFloat32(1, -152, 130);
    expect(at(list, 0).error).toBeCloseTo(2 ** -24, 12);
    expect(at(list, -149).error).toBeCloseTo(1 / 3, 12);
    expect([list[0].error, list.at(-1)!.error]).toEqual([1, 1]);
  });
});
