import { expect, it } from "vitest";
import { defaultExperiment, withSource, withTensor } from "../../state/experiment.ts";
import { withoutOther } from "../../state/others.ts";
import { isLog, sweepMetrics, sweepOf, sweepPart, withSweep } from "./state.ts";

it("a newcomer's sweep shows everything of one tensor", () => {
  const expected = { metric: "nmse", part: "base", phases: 0, small: false, fallBack: true, hidden: [], tensors: [] };
  expect(sweepOf(defaultExperiment)).toMatchObject(expected);
});

it("ratios in decibels and bits are not drawn by their logarithm", () => {
  expect(sweepMetrics.filter((metric) => !isLog(metric))).toEqual(["sqnrDb", "bitsPerWeight"]);
});

it("another source has other tensors, another tensor of it the same", () => {
  const zoom = { x: { lo: 0, hi: 1 }, y: { lo: 0.1, hi: 1 } };
  const chosen = withSweep(defaultExperiment, { tensors: ["w"], shown: "w", zoom, grid: "nf4/64" });
  const { tensors, shown, grid } = sweepOf(withSource(chosen, { kind: "text", text: "1 2" }));
  expect({ tensors, shown, grid }).toEqual({ tensors: [], shown: null, grid: "nf4/64" });
  expect(sweepOf(withSource(chosen, { kind: "text", text: "1 2" })).zoom).toBeNull();
  expect(sweepOf(withTensor(chosen, { name: "v", shape: [4] }))).toEqual(sweepOf(chosen));
});

it("a grid without a checkpoint leaves it out and keeps what else it says", () => {
  const source = { kind: "files" as const, fingerprints: [] };
  const others = [1, 2, 3].map(() => ({ source, chosen: {} }));
  const grids = (grid: string, index: number) =>
    sweepOf(withoutOther(withSweep({ ...defaultExperiment, others }, { grid }), index, "nvfp4", [sweepPart])).grid;
  expect(grids("given;int4/(32,64);given(2)", 0)).toBe("int4/(32,64);given");
  expect(grids("given;given(3,bits=4.5)", 1)).toBe("given;given(2,bits=4.5)");
  expect(grids("given", 0)).toBe("given");
  expect(grids("given;int4/32", 0)).toBe("int4/32");
  expect(grids("(given,given(2))", 0)).toBe("given");
  expect(grids("given;int4/(", 0)).toBe("given;int4/(");
});
