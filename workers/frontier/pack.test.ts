import { array, assert, asyncProperty, integer, tuple } from "fast-check";
import { expect, it } from "vitest";
import { choicesAt, keptPoints, packChoices } from "./pack.ts";

it("gives back every point as it was", async () => {
  const points = tuple(integer({ min: 1, max: 12 }), integer({ min: 1, max: 90 })).chain(([items, count]) =>
    array(array(integer({ min: -1, max: 40 }), { minLength: items, maxLength: items }), {
      minLength: count,
      maxLength: count,
    }),
  );
  await assert(
    asyncProperty(points, async (all) => {
      const packed = await packChoices(all[0].length, all.length, (p) => all[p]);
      for (const [p, one] of all.entries()) expect([...choicesAt(packed, p)]).toEqual(one);
    }),
    { numRuns: 40 },
  );
});

it("of many items holds few whole points, and finds one in a moment", async () => {
  const items = 500_000;
  const now = new Int32Array(items);
  const packed = await packChoices(items, 60, (p) => {
    for (let i = 0; i < 1000; i++) now[(p * 1000 + i) % items]++;
    return now;
  });
  expect(packed.whole.length).toBeLessThanOrEqual(2 ** 23);
  expect(choicesAt(packed, 59)).toEqual(now);
});

it("keeps both ends, and of the others what evenly spaced budgets allow", () => {
  const bits = Float64Array.from({ length: 1000 }, (_, i) => i * i);
  const kept = keptPoints(bits, 11);
  expect([kept[0], kept[kept.length - 1]]).toEqual([0, 999]);
  expect(kept.length).toBe(11);
  for (const [k, p] of kept.entries()) {
    const budget = (bits[999] * k) / 10;
    expect(bits[p]).toBeLessThanOrEqual(budget + 1e-6);
    if (p < 999) expect(bits[p + 1]).toBeGreaterThan(budget - 1e-6);
  }
  expect([...keptPoints(Float64Array.of(1, 2, 3), 11)]).toEqual([0, 1, 2]);
});
