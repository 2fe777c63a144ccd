import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bruteForce } from "./brute.ts";
import { frontier, frontierOf, LIMITS, planFrontier } from "./frontier.ts";
import { groupItems } from "./groups.ts";
import { hullOf, relaxedLoss } from "./hull.ts";
import { free, modelTable, smallTables, still, tableOf } from "./testing/tables.ts";
import { type AllocationTable, type Assignment, type Constraints, type Frontier, STORED, within } from "./types.ts";

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * (1 + Math.abs(a) + Math.abs(b));
/** Coarse ones: the same tables by each way. */
const WAYS = [LIMITS, { memoryBytes: 2 ** 10, operations: 300 }, { memoryBytes: 0, operations: 0 }];

/** That an assignment is one, and costs what it says. */
function checkAssignment({ items, choices, loss, bits, refused }: AllocationTable, of: Constraints, a: Assignment) {
  let [lost, spent] = [0, of.fixedBits];
  const ties = new Map<string, number>();
  for (const [i, { tie, storedBits }] of items.entries()) {
    const c = a.choice[i];
    if (tie !== null) expect(ties.get(tie) ?? c).toBe(c);
    if (tie !== null) ties.set(tie, c);
    if (c !== STORED) expect(refused(i, c)).toBeNull();
    lost += c === STORED ? 0 : loss[i * choices.length + c];
    spent += c === STORED ? storedBits : bits[i * choices.length + c];
  }
  expect(near(lost, a.loss)).toBe(true);
  expect(spent).toBe(a.bits);
}

/** That a frontier is what it says, against all allocations. */
async function checkFrontier(table: AllocationTable, of: Constraints, found: Frontier, budgets: number[]) {
  const groups = await groupItems(table, of, still);
  for (let p = 0; p < found.bits.length; p++) {
    const own = found.at(p);
    checkAssignment(table, of, own);
    expect(own.bits).toBe(found.bits[p]);
    expect(near(own.loss, found.loss[p])).toBe(true);
    if (p > 0) expect(found.bits[p]).toBeGreaterThan(found.bits[p - 1]);
    if (p > 0) expect(found.loss[p]).toBeLessThan(found.loss[p - 1]);
  }
  const all = [...found.bits].flatMap((b) => [b - 1, b]);
  for (const budget of [...all, ...budgets, Number.POSITIVE_INFINITY]) {
    const best = bruteForce(groups, budget);
    const point = within(found, budget);
    expect(point < 0).toBe(best === null);
    if (!best) {
      expect(found.bound(budget)).toBe(Number.POSITIVE_INFINITY);
      continue;
    }
    const lost = found.loss[point];
    const slack = 1e-9 * (1 + Math.abs(lost));
    expect(best.loss).toBeLessThanOrEqual(lost + slack);
    expect(found.bound(budget)).toBeLessThanOrEqual(best.loss + slack);
    expect(lost - best.loss).toBeLessThanOrEqual(found.gaps[point] + slack);
    expect(lost - best.loss).toBeLessThanOrEqual(lost - found.bound(budget) + slack);
  }
  return groups;
}

describe("the frontier", () => {
  it("is that of all allocations tried, whatever ties, refusals and equal costs there are", () =>
    fc.assert(
      fc.asyncProperty(
        smallTables,
        fc.array(fc.integer({ min: -1, max: 2 ** 42 }), { maxLength: 4 }),
        async (table, budgets) => {
          const found = await frontier(table, free, still);
          const groups = await checkFrontier(table, free, found, budgets);
          expect(found.gap).toBe(0);
          const points = new Set([...found.bits].map((b) => bruteForce(groups, b)!.bits));
          expect([...points]).toEqual([...found.bits]);
        },
      ),
      { numRuns: 150 },
    ));

  it("keeps within its stated gap where cells are wide, and where there is only the hull", () =>
    fc.assert(
      fc.asyncProperty(smallTables, fc.constantFrom(...WAYS.slice(1)), async (table, limits) => {
        const groups = await groupItems(table, free, still);
        await checkFrontier(table, free, await frontierOf(groups, still, limits), []);
      }),
      { numRuns: 80 },
    ));

  it("of a hull alone has the corners of the exact one's lower hull, at no gap", () =>
    fc.assert(
      fc.asyncProperty(smallTables, async (table) => {
        const groups = await groupItems(table, free, still);
        const exact = await frontierOf(groups, still);
        const hull = await hullOf(groups, still);
        // Every corner of the exact frontier's hull is on the path, and the path never goes below the frontier's hull.
        for (let p = 0; p < exact.bits.length; p++) {
          const relaxed = relaxedLoss(hull, exact.bits[p]);
          expect(relaxed).toBeLessThanOrEqual(exact.loss[p] + 1e-9);
          if (isCorner(exact, p)) expect(near(relaxed, exact.loss[p])).toBe(true);
        }
        for (let k = 0; k < hull.bits.length; k++) {
          expect(near(hull.loss[k], exact.loss[within(exact, hull.bits[k])])).toBe(true);
        }
      }),
      { numRuns: 80 },
    ));

  it("of nothing is one allocation of nothing", async () => {
    const found = await frontier(tableOf([]), { ...free, fixedBits: 7 }, still);
    expect([...found.bits, ...found.loss]).toEqual([7, 0]);
    expect(found.at(0)).toEqual({ choice: new Int32Array(0), loss: 0, bits: 7 });
  });

  it("leaves what nothing goes with as it is, and says why", async () => {
    const nothing = { loss: [Number.NaN, Number.NaN], bits: [1, 2], of: { storedBits: 16 } };
    const table = tableOf([nothing, { loss: [3, 0], bits: [1, 4] }, { ...nothing, of: { storedBits: 5 } }]);
    const found = await frontier(table, free, still);
    expect([...found.bits]).toEqual([22, 25]);
    expect(found.left).toEqual([{ items: [0, 2], why: "no recipe of the grid goes with it: it does not fit" }]);
    expect([...found.at(1).choice]).toEqual([STORED, 1, STORED]);
  });

  it("says which of tied tensors no recipe goes with, and where none goes with all of them", async () => {
    const rows = [
      { loss: [1, Number.NaN], bits: [1, 2], of: { tie: "a" } },
      { loss: [Number.NaN, 1], bits: [1, 2], of: { tie: "a" } },
    ];
    const { left } = await frontier(tableOf(rows), free, still);
    expect(left).toEqual([{ items: [0, 1], why: "no one recipe goes with all that are tied together" }]);
    const none = { loss: [Number.NaN, Number.NaN], bits: [1, 2], of: { tie: "a" } };
    const other = await frontier(tableOf([...rows.slice(1), none]), free, still);
    expect(other.left[0].why).toContain("item1, which goes with others");
  });

  it("keeps to pins, of all tied tensors at once, and to what is forbidden", async () => {
    const rows = [0, 1, 2].map((i) => ({ loss: [4, 2, 0], bits: [1, 2, 8], of: { tie: i < 2 ? "a" : null } }));
    const table = tableOf(rows);
    const pinned = await frontier(table, { ...free, pinned: new Map([[1, 2]]) }, still);
    expect([...pinned.bits]).toEqual([17, 18, 24]);
    expect([...pinned.at(0).choice]).toEqual([2, 2, 0]);
    const forbids = (item: number, choice: number) => (item === 0 && choice === 2 ? "too wide" : null);
    const kept = await frontier(table, { ...free, forbids }, still);
    expect([...kept.at(kept.bits.length - 1).choice]).toEqual([1, 1, 2]);
    const stored = await frontier(table, { ...free, pinned: new Map([[2, STORED]]) }, still);
    expect([...stored.at(0).choice]).toEqual([0, 0, STORED]);
    expect(stored.bits[0]).toBe(2 + table.items[2].storedBits);
    expect(stored.left).toEqual([]);
  });

  it("refuses pins that contradict each other or cannot be had", async () => {
    const rows = [0, 1].map(() => ({ loss: [4, Number.NaN], bits: [1, 2], of: { tie: "a" } }));
    const pins = (...pairs: [number, number][]) => frontier(tableOf(rows), { ...free, pinned: new Map(pairs) }, still);
    await expect(pins([0, 0], [1, 1])).rejects.toThrow(
      "item0 is pinned to choice0 and item1 to choice1, and both get one choice",
    );
    await expect(pins([0, 1])).rejects.toThrow(
      "item0 is pinned with 1 more of its tie to choice1, which it cannot have: it does not fit",
    );
    await expect(pins([0, 9])).rejects.toThrow("item0 is pinned to choice 9, and there are 2");
  });

  it("refuses figures that do not fit together", async () => {
    const table = tableOf([{ loss: [1], bits: [1] }]);
    await expect(frontier({ ...table, loss: new Float64Array(2) }, free, still)).rejects.toThrow("1 losses and bits");
    await expect(frontier(table, { ...free, fixedBits: 0.5 }, still)).rejects.toThrow("whole number");
    const huge = tableOf([{ loss: [1], bits: [2 ** 53] }]);
    await expect(frontier(huge, { ...free, fixedBits: 2 ** 53 - 1 }, still)).rejects.toThrow(
      "more than can be counted",
    );
  });

  it.each([
    ["grid", 150, 8, 0.002],
    ["hull", 300, 12, 0.001],
  ] as const)(
    "on a %s, of %i tensors and %i recipes, is near its bound everywhere",
    async (method, tensors, recipes, most) => {
      const table = modelTable(tensors, recipes);
      const groups = await groupItems(table, free, still);
      const limits = { memoryBytes: 2 ** 24, operations: method === "grid" ? 4e7 : 2e7 };
      const plan = planFrontier(groups, limits);
      expect(plan.method).toBe(method);
      const found = await frontierOf(groups, still, limits);
      expect(found.method).toBe(method);
      for (const share of [0.1, 0.3, 0.5, 0.9]) {
        const budget = found.bits[0] + share * (found.bits[found.bits.length - 1] - found.bits[0]);
        const point = within(found, budget);
        expect(found.loss[point] / found.bound(budget) - 1).toBeLessThan(most);
        expect(found.loss[point] - found.bound(budget)).toBeLessThanOrEqual(found.gaps[point] * (1 + 1e-9));
        checkAssignment(table, free, found.at(point));
        expect(found.at(point).bits).toBe(found.bits[point]);
      }
      const held = Object.values(found.data).flatMap((part) => [part, ...Object.values(part ?? {})]);
      const bytes = held.reduce((sum, value) => sum + (ArrayBuffer.isView(value) ? value.byteLength : 0), 0);
      expect(bytes).toBeLessThan(plan.memoryBytes);
    },
  );

  it("can be cancelled on the way", async () => {
    const groups = await groupItems(modelTable(60, 8), free, still);
    let looks = 0;
    const control = {
      checkpoint: async () => {
        if (++looks === 4) throw new Error("cancelled");
      },
    };
    await expect(frontierOf(groups, control, { memoryBytes: 2 ** 24, operations: 2e7 })).rejects.toThrow("cancelled");
  });
});

/** Whether a point lies below every line between two others. */
function isCorner({ bits, loss }: Frontier, p: number): boolean {
  for (let a = 0; a < p; a++) {
    for (let b = p + 1; b < bits.length; b++) {
      const line = loss[a] + ((loss[b] - loss[a]) * (bits[p] - bits[a])) / (bits[b] - bits[a]);
      if (loss[p] >= line - 1e-9) return false;
    }
  }
  return true;
}
