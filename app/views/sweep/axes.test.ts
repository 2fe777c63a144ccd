import { describe, expect, it } from "vitest";
import { axesOf, shortExtent } from "./axes.ts";
import type { PlotPoint } from "./points.ts";
import { stairs } from "./spots.ts";
import { zoomed } from "./useFrontierGestures.ts";

it("an extent is written in few digits, but never as nothing", () => {
  const y = { lo: 0.001234567, hi: 0.1 };
  expect(shortExtent({ x: { lo: 4, hi: 5.1234567 }, y })).toEqual({
    x: { lo: 4, hi: 5.1235 },
    y: { ...y, lo: 0.0012346 },
  });
  const narrow = { lo: 16.000001, hi: 16.000002 };
  expect(shortExtent({ x: narrow, y }).x).toEqual(narrow);
});

it("what is brushed is no narrower than what the keys zoom to", () => {
  const whole = { x: { lo: 2, hi: 9 }, y: { lo: 1e-5, hi: 1 } };
  const brushed = { x: { lo: 4.00001, hi: 4.00002 }, y: { lo: 0.01, hi: 0.01000001 } };
  const { x, y } = zoomed(brushed, whole, 1, "nmse")!;
  expect(x.hi - x.lo).toBeCloseTo(0.01);
  expect(Math.log10(y.hi / y.lo)).toBeCloseTo(5e-4);
  const usual = { x: { lo: 4, hi: 5 }, y: { lo: 0.01, hi: 0.1 } };
  expect(zoomed(usual, whole, 1, "nmse")!.x).toEqual(usual.x);
});

describe("axes", () => {
  const size = { width: 500, height: 300 };
  const extent = { x: { lo: 0.01, hi: 1 }, y: { lo: 10, hi: 40 } };

  it("place each metric by its own scale, and what has no error beside them", () => {
    const axes = axesOf(size, extent, "sqnrDb", { x: true, y: true }, "nmse");
    expect(axes.x(0.1)).toBeCloseTo((axes.left + axes.right) / 2);
    expect(axes.y(25)).toBeCloseTo((axes.top + axes.bottom) / 2);
    expect([axes.atX(axes.x(0.2)), axes.atY(axes.y(30))]).toEqual([expect.closeTo(0.2), expect.closeTo(30)]);
    expect([axes.lanes.x?.label, axes.lanes.y?.label]).toEqual(["0", "exact"]);
    expect(axes.x(0)).toBe(axes.lanes.x?.at);
    expect(axes.y(Number.POSITIVE_INFINITY)).toBe(axes.lanes.y?.at);
    // Lanes lie inside the frame and beside the axes.
    expect([axes.x(0) < axes.left, axes.x(0) > axes.frame.left]).toEqual([true, true]);
    expect([axes.y(Infinity) < axes.top, axes.y(Infinity) > axes.frame.top]).toEqual([true, true]);
    const turned = axesOf(size, { x: extent.y, y: extent.x }, "nmse", { x: true, y: true }, "sqnrDb");
    expect([turned.x(Infinity) > turned.right, turned.y(0) > turned.bottom]).toEqual([true, true]);
    const none = axesOf(size, extent, "sqnrDb", { x: false, y: false }, "nmse");
    expect([none.lanes, none.left]).toEqual([{ x: null, y: null }, none.frame.left]);
  });

  it("join a frontier from the better end to the worse, whichever way that is", () => {
    const axes = axesOf(size, extent, "nmse", { x: false, y: false });
    const spots = [
      { x: 300, y: 50 },
      { x: 200, y: 100 },
    ].map((place) => ({ ...place, point: {} as PlotPoint }));
    const lines = stairs(spots, axes, true);
    expect(lines[0]).toEqual({ x0: 300, y0: 50, x1: 200, y1: 50 });
    expect(lines.at(-1)).toEqual({ x0: 200, y0: 100, x1: axes.left, y1: 100 });
    expect(stairs([spots[1]], axes).at(-1)?.x1).toBe(axes.right);
  });

  it("zoom each by its own scale", () => {
    const whole = { x: { lo: 1e-4, hi: 1 }, y: { lo: 0, hi: 40 } };
    expect(zoomed(whole, whole, 0.5, "sqnrDb", "nmse")).toEqual({
      x: { lo: expect.closeTo(1e-3), hi: expect.closeTo(0.1) },
      y: { lo: 10, hi: 30 },
    });
  });
});
