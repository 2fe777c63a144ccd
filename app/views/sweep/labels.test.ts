import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Anchor, placeLabels } from "./labels.ts";

const bounds = { x0: 50, y0: 10, x1: 650, y1: 410 };
const space = { bounds, charWidth: 7, lineHeight: 15, radius: 6 };
const anchor = fc.record({
  x: fc.integer({ min: 50, max: 650 }),
  y: fc.integer({ min: 10, max: 410 }),
  text: fc.string({ minLength: 1, maxLength: 40 }),
});
const boxOf = ({ x, y, width }: { x: number; y: number; width: number }) => ({
  x0: x,
  x1: x + width,
  y1: y + 15 * 0.24,
  y0: y + 15 * 0.24 - 15,
});

describe("names beside points", () => {
  it("stay inside, and cover neither each other nor a point of the frontier", () => {
    fc.assert(
      fc.property(fc.array(anchor, { maxLength: 40 }), fc.boolean(), (anchors, upward) => {
        const boxes = placeLabels(anchors, [], space, upward).map(boxOf);
        for (const [i, a] of boxes.entries()) {
          expect(a.x0).toBeGreaterThanOrEqual(bounds.x0);
          expect(a.x1).toBeLessThanOrEqual(bounds.x1);
          const eps = 1e-6;
          for (const b of boxes.slice(i + 1)) {
            const apart = a.x1 <= b.x0 + eps || b.x1 <= a.x0 + eps || a.y1 <= b.y0 + eps || b.y1 <= a.y0 + eps;
            expect(apart).toBe(true);
          }
          for (const { x, y } of anchors)
            expect(x + 6 <= a.x0 + eps || x - 6 >= a.x1 - eps || y + 6 <= a.y0 + eps || y - 6 >= a.y1 - eps).toBe(true);
        }
      }),
    );
  });

  it("are there for every point where there is room, and stand beside it without a line", () => {
    const anchors: Anchor[] = [1, 2, 3, 4].map((i) => ({ x: i * 130, y: i * 80, text: `int${i}/64` }));
    const labels = placeLabels(anchors, [], space);
    expect(labels.map((l) => l.index)).toEqual([0, 1, 2, 3]);
    expect(labels.every((l) => l.leader === null)).toBe(true);
  });

  it("keep the ends of a crowded frontier and are no more than the space takes", () => {
    const anchors: Anchor[] = Array.from({ length: 200 }, (_, i) => ({
      x: 60 + i * 2.9,
      y: 20 + i * 1.9,
      text: "nf4/64",
    }));
    const labels = placeLabels(anchors, [], space);
    expect(labels[0].index).toBe(0);
    expect(labels.at(-1)?.index).toBe(199);
    expect(labels.length).toBeGreaterThan(6);
    expect(labels.length).toBeLessThanOrEqual(24);
  });

  it("keep off lines, and lead past other points and names", () => {
    const anchors: Anchor[] = Array.from({ length: 14 }, (_, i) => ({
      x: 120 + i * 30,
      y: 60 + i * 22,
      text: "rht(32,seed=0)+int4/64:f16",
    }));
    const lines = anchors.slice(1).flatMap(({ x, y }, i) => [
      { x0: anchors[i].x, y0: anchors[i].y, x1: x, y1: anchors[i].y },
      { x0: x, y0: anchors[i].y, x1: x, y1: y },
    ]);
    const labels = placeLabels(anchors, [], { ...space, lines });
    expect(labels.length).toBeGreaterThan(6);
    for (const label of labels) {
      const box = boxOf(label);
      for (const { x0, y0, x1, y1 } of lines)
        expect(x1 <= box.x0 || x0 >= box.x1 || y1 <= box.y0 || y0 >= box.y1).toBe(true);
      if (!label.leader) continue;
      const from = anchors[label.index];
      for (let t = 0; t <= 1; t += 0.02) {
        const at = { x: from.x + t * (label.leader.x - from.x), y: from.y + t * (label.leader.y - from.y) };
        for (const [i, { x, y }] of anchors.entries())
          if (i !== label.index) expect(Math.max(Math.abs(at.x - x), Math.abs(at.y - y))).toBeGreaterThan(5.9);
        for (const other of labels.filter((l) => l !== label)) {
          const { x0, x1, y0, y1 } = boxOf(other);
          expect(at.x > x0 + 0.1 && at.x < x1 - 0.1 && at.y > y0 + 0.1 && at.y < y1 - 0.1).toBe(false);
        }
      }
    }
  });

  it("are none for none, and keep off other points while there are some", () => {
    expect(placeLabels([], [{ x: 100, y: 100 }], space)).toEqual([]);
    const lone = [{ x: 300, y: 200, text: "nf4/64" }];
    const [free] = placeLabels(lone, [], space);
    const [moved] = placeLabels(lone, [{ x: free.x + 10, y: free.y - 4 }], space);
    expect([moved.x, moved.y]).not.toEqual([free.x, free.y]);
  });
});
