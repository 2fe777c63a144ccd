import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Range } from "../../charts/types.ts";
import { logExtent, logTicks, steppedExtent, union } from "./scales.ts";
import { joined } from "./useWholeExtent.ts";

const value = fc.double({ min: 1e-9, max: 1e6, noNaN: true });

describe("extents", () => {
  it("are whole steps that hold the values", () => {
    expect(steppedExtent([2.13, 8.25], 1)).toEqual({ lo: 2, hi: 9 });
    expect(steppedExtent([4], 1)).toEqual({ lo: 4, hi: 5 });
    expect(steppedExtent([Number.NaN, Number.POSITIVE_INFINITY], 1)).toBeNull();
    expect(logExtent([0.002, 0.4])).toEqual({ lo: 1e-3, hi: 1 });
    expect(logExtent([0])).toBeNull();
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const extent = logExtent(values)!;
        expect(extent.lo).toBeLessThanOrEqual(Math.min(...values) * (1 + 1e-9));
        expect(extent.hi).toBeGreaterThanOrEqual(Math.max(...values) * (1 - 1e-9));
        expect(extent.hi / extent.lo).toBeGreaterThan(3);
      }),
    );
  });

  it("only grow, in as many steps as there are half decades, while values come in", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), (values) => {
        let held: Range | null = null;
        let changes = 0;
        for (const v of values) {
          const next: Range = union(held, logExtent([v]))!;
          if (held) {
            expect(next.lo).toBeLessThanOrEqual(held.lo);
            expect(next.hi).toBeGreaterThanOrEqual(held.hi);
          }
          if (next !== held) changes++;
          held = next;
        }
        expect(changes).toBeLessThanOrEqual(31);
      }),
    );
    const [a, b] = [
      { x: { lo: 2, hi: 9 }, y: { lo: 1e-4, hi: 1 } },
      { x: { lo: 3, hi: 5 }, y: { lo: 1e-3, hi: 0.1 } },
    ];
    expect(joined(a, b)).toBe(a);
    expect(joined(b, a)).toEqual(a);
    expect(joined(null, a)).toBe(a);
  });

  it("have ticks at the decades, and between them where there are few", () => {
    expect(logTicks({ lo: 1e-6, hi: 1 }).map((t) => t.value)).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]);
    expect(logTicks({ lo: 0.1, hi: 1 }).map((t) => t.value)).toEqual([0.1, 0.2, 0.5, 1]);
  });
});
