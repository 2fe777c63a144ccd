import { describe, expect, it } from "vitest";
import type { MeasuredMixes } from "../measured/useMeasured.ts";
import { mixForTest } from "../testing/mix.ts";
import { reportOf } from "./reportOf.ts";

const nothing: MeasuredMixes = {
  ...{ points: [], additivity: null, words: "", noise: null, notes: [], has: () => false, difference: () => null },
  verdict: { standing: "unknown", words: "The chosen mix is not measured." },
};
const link = { href: "https://example.org/#v=1", omitted: ["a pasted text"] };
const of = (
  mix = mixForTest(1),
  measured = nothing,
  ground: Parameters<typeof reportOf>[0]["ground"] = { words: "a text", why: null },
) => reportOf({ mix, measured, ground, pinned: (t) => t === 1, link, made: "now" });

describe("the report of what is on the screen", () => {
  it("has the assignment as it is added up, and says that it was not measured", () => {
    const report = of()!;
    expect(report.rows.map(({ recipe, loss, pinned }) => [recipe, loss, pinned])).toEqual([
      ["int4/64", 0.05, false],
      ["int2/64", 0.1, true],
    ]);
    expect(report.measured).toBeNull();
    expect(report.limits[0]).toBe("The chosen mix is not measured.");
    expect(report.provenance).toContainEqual(["Measured", "nothing"]);
    expect(report.figures).toContainEqual(["Size", "3.000 b a weight, 3.1 kB"]);
    expect(report.figures).toContainEqual(["Search", "exact: no assignment within the budget loses less"]);
    expect(report.frontier).toEqual({ bits: Float64Array.of(2, 3, 4), loss: expect.anything(), chosen: 1 });
    expect(report.omitted).toEqual(["a pasted text"]);
  });

  it("says why nothing could be measured, and what a search left open", () => {
    const whole = mixForTest(1);
    const frontier = {
      ...whole.frontier!,
      method: "grid" as const,
      gap: 0.02,
      gaps: Float64Array.of(0, 0.02, 0),
      resolution: 64,
    };
    const left = [{ items: [0], why: "no recipe of the grid takes it" }];
    const { limits, figures } = of({ ...whole, frontier: { ...frontier, left } }, nothing, {
      words: null,
      why: "It cannot be run.",
    })!;
    expect(limits).toContain("It cannot be run.");
    expect(limits.join()).toContain("may be up to 0.0200 above the least loss");
    expect(limits).toContain("1 tensor stays as it is stored: no recipe of the grid takes it.");
    expect(figures.find(([label]) => label === "Search")![1]).toContain("in steps of 64 bits");
  });

  it("carries a verdict that the mix is worse", () => {
    const point = { id: "r", kind: "mix" as const, label: "mix", bits: 3, predicted: 1, notes: [] };
    const measured = {
      ...nothing,
      points: [{ ...point, measured: { value: 0.5, stderr: 0.01 } }],
      verdict: { standing: "worse" as const, words: "The mix is worse." },
    };
    const report = of(mixForTest(1), measured)!;
    expect(report.measured).toMatchObject({ worse: true, points: [{ measured: "0.500 ± 0.010" }] });
    expect(report.provenance).toContainEqual(["Measured", "on a text"]);
  });

  it("is none before there is a mix", () => expect(of(mixForTest(1, { assigned: null }))).toBeNull());
});
