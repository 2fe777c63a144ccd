import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fetchWindow, normalWindow, panWindow, reveal, wholeMatrix, zoomRange, zoomWindow } from "./zoom.ts";

const bounds = { lo: -2, hi: 6 };

describe("zoomRange", () => {
  it("keeps the centre where it is on the screen", () => {
    const r = zoomRange({ lo: 0, hi: 4 }, 1, 0.5, bounds, 0.01);
    expect(r).toEqual({ lo: 0.5, hi: 2.5 });
  });

  it("stays within bounds and no narrower than the least", () => {
    const value = fc.double({ min: -2, max: 6, noNaN: true });
    fc.assert(
      fc.property(value, value, value, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (x, y, c, factor) => {
        const range = { lo: Math.min(x, y), hi: Math.max(x, y) };
        const r = zoomRange(range, Math.max(range.lo, Math.min(range.hi, c)), factor, bounds, 0.01);
        expect(r.lo).toBeGreaterThanOrEqual(-2 - 1e-9);
        expect(r.hi).toBeLessThanOrEqual(6 + 1e-9);
        expect(r.hi - r.lo).toBeGreaterThanOrEqual(0.01 - 1e-9);
      }),
    );
  });
});

describe("windows", () => {
  it("zoom in to a few elements and out to everything", () => {
    let w = wholeMatrix(1000, 3);
    for (let i = 0; i < 40; i++) w = zoomWindow(w, 500, 1, 0.5, 1000, 3);
    expect(w.row1 - w.row0).toBeCloseTo(4);
    expect([w.col0, w.col1]).toEqual([0, 3]);
    for (let i = 0; i < 40; i++) w = zoomWindow(w, 500, 1, 2, 1000, 3);
    expect(normalWindow(w, 1000, 3)).toBeNull();
  });

  it("pan up to the edge and not beyond", () => {
    const w = { row0: 10, row1: 20, col0: 0, col1: 10 };
    expect(panWindow(w, -100, 5, 50, 50)).toEqual({ row0: 0, row1: 10, col0: 5, col1: 15 });
  });

  it("move just enough to show an element", () => {
    const w = { row0: 10, row1: 20, col0: 10, col1: 20 };
    expect(reveal(w, 15, 15, 50, 50)).toEqual(w);
    expect(reveal(w, 20, 8, 50, 50)).toEqual({ row0: 11, row1: 21, col0: 8, col1: 18 });
  });

  it("are fetched whole with room around", () => {
    expect(fetchWindow({ row0: 0.5, row1: 8.5, col0: 40, col1: 48 }, 100, 50)).toEqual({
      row0: 0,
      row1: 11,
      col0: 38,
      col1: 50,
    });
  });
});
