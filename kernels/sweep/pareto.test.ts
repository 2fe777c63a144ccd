import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Frontier } from "./pareto.ts";

interface Point {
  id: number;
  bits: number;
  cost: number | null;
}

/** The definition: every point against every other. */
function undominated(points: readonly Point[]): Point[] {
  const real = points.filter((p) => p.cost !== null && !Number.isNaN(p.cost));
  return real.filter(
    (p) => !real.some((o) => o.bits <= p.bits && o.cost! <= p.cost! && (o.bits < p.bits || o.cost! < p.cost!)),
  );
}

const frontier = (points: readonly Point[]) => {
  const f = new Frontier<Point>();
  for (const p of points) f.add(p, p.bits, p.cost);
  return f.items;
};

// Few distinct coordinates, so that ties are common.
const coordinate = fc.integer({ min: 0, max: 6 });
const cost = fc.oneof({ arbitrary: coordinate, weight: 6 }, fc.constantFrom(null, Number.NaN, Infinity, -Infinity));
const points = fc
  .array(fc.record({ bits: coordinate, cost }), { maxLength: 30 })
  .map((list): Point[] => list.map((p, id) => ({ id, ...p })));

describe("the frontier", () => {
  it("is what no point dominates, in the order of bits", () => {
    fc.assert(
      fc.property(points, (all) => {
        const got = frontier(all);
        expect(new Set(got)).toEqual(new Set(undominated(all)));
        expect(got).toHaveLength(undominated(all).length);
        for (let i = 1; i < got.length; i++) {
          const [a, b] = [got[i - 1], got[i]];
          expect(a.bits < b.bits ? a.cost! > b.cost! : a.bits === b.bits && a.cost === b.cost).toBe(true);
        }
      }),
    );
  });

  it("does not depend on the order in which points come", () => {
    const shuffled = points.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(new Set(frontier(other))).toEqual(new Set(frontier(all)));
      }),
    );
  });

  it("tells whether a point changed it", () => {
    fc.assert(
      fc.property(points, (all) => {
        const f = new Frontier<Point>();
        for (const p of all) {
          const before = f.items;
          expect(f.add(p, p.bits, p.cost)).toBe(JSON.stringify(f.items) !== JSON.stringify(before));
        }
      }),
    );
  });
});
