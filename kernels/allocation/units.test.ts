import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cacheTable, joinTables } from "./columns.ts";
import { frontier } from "./frontier.ts";
import { groupItems } from "./groups.ts";
import { lossError, marginalRates } from "./marginal.ts";
import { free, smallTables, still, tableOf } from "./testing/tables.ts";
import { STORED, within } from "./types.ts";
import { indexBits, splitTable, tiedBy } from "./units.ts";

const halves = fc.array(
  fc.array(fc.record({ loss: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 3, maxLength: 3 }) }), {
    minLength: 2,
    maxLength: 2,
  }),
  { minLength: 1, maxLength: 4 },
);
const BITS = [8, 16, 64];

describe("units", () => {
  it("finer ones never lose where they are told apart for nothing, and coarser ones never gain", () =>
    fc.assert(
      fc.asyncProperty(halves, async (rows) => {
        const sum = (row: (typeof rows)[0], c: number) => row[0].loss[c] + row[1].loss[c];
        const table = tableOf(
          rows.map((row, i) => ({
            loss: BITS.map((_, c) => sum(row, c)),
            bits: BITS.map((b) => 2 * b),
            of: { layer: i % 2, role: i < 2 ? "q_proj" : "k_proj" },
          })),
        );
        const parts = (item: number) => rows[item].map(({ loss }) => ({ elements: 4, loss, bits: BITS }));
        const free_ = await frontier(splitTable(table, parts, 0), free, still);
        const whole = await frontier(table, free, still);
        const coarse = [];
        for (const unit of ["layer", "role", "model"] as const)
          coarse.push(await frontier(tiedBy(table, unit), free, still));
        for (const [p, spent] of whole.bits.entries()) {
          expect(free_.loss[within(free_, spent)]).toBeLessThanOrEqual(whole.loss[p] + 1e-9);
          for (const one of coarse) {
            const at = within(one, spent);
            if (at >= 0) expect(one.loss[at]).toBeGreaterThanOrEqual(whole.loss[p] - 1e-9);
          }
        }
      }),
      { numRuns: 40 },
    ));

  it("charge each part the bits of its index, and keep sums", () => {
    const table = tableOf([{ loss: [4, 2, 0], bits: [8, 16, 64], of: { elements: 10, storedBits: 161 } }]);
    const part = (elements: number, loss: number[]) => ({ elements, loss, bits: [1, 2, 3] });
    const split = splitTable(table, () => [part(3, [1, 1, 0]), part(7, [3, 1, 0])]);
    expect([...split.bits]).toEqual([3, 4, 5, 3, 4, 5]);
    expect(split.items.map(({ name, storedBits }) => [name, storedBits])).toEqual([
      ["item0[0]", 48],
      ["item0[1]", 113],
    ]);
    expect(() => splitTable(table, () => [part(3, [0, 0, 0])])).toThrow("item0 has 10 values, and its parts have 3");
    expect([...splitTable(table, () => null).bits]).toEqual([8, 16, 64]);
    expect([1, 2, 3, 4, 5].map(indexBits)).toEqual([0, 1, 2, 2, 3]);
  });
});

describe("columns", () => {
  it("of caches stand beside weights, at bits of a stated context", async () => {
    const weights = tableOf([{ loss: [2, 0], bits: [4, 16] }], ["int4", "keep"]);
    const column = { name: "layers.0.keys", layer: 0, role: "keys" as const, elements: 6400, stored: 102400 };
    const caches = cacheTable(["q8_0", "int4"], [{ ...column, bits: [54400, Number.NaN], loss: [1, Number.NaN] }]);
    const joined = joinTables([weights, caches]);
    expect(joined.choices).toEqual(["int4", "keep", "q8_0"]);
    expect([...joined.bits]).toEqual([4, 16, Number.NaN, Number.NaN, Number.NaN, 54400]);
    expect(joined.refused(1, 1)).toBe("it is a choice of other tensors than layers.0.keys");
    expect(joined.refused(1, 0)).toBe("layers.0.keys has no figure for it");
    expect(joined.refused(1, 2)).toBeNull();
    const found = await frontier(joined, free, still);
    expect([...found.bits]).toEqual([54404, 54416]);
    expect(joined.items[1].storedBits).toBe(102400);
  });

  it("keep what is known of errors", () => {
    const exact = tableOf([{ loss: [1], bits: [1] }]);
    const sampled = { ...exact, deviation: Float64Array.of(0.5) };
    expect([...joinTables([exact, sampled]).deviation!]).toEqual([0, 0.5]);
    expect(joinTables([exact, exact]).deviation).toBeNull();
    expect(lossError(sampled, { choice: Int32Array.of(0) })).toBe(0.5);
    expect(lossError(sampled, { choice: Int32Array.of(STORED) })).toBe(0);
    const two = { choices: ["a"], deviation: Float64Array.of(0.3, 0.4) };
    expect(lossError(two, { choice: Int32Array.of(0, 0) })).toBeCloseTo(0.5, 12);
    expect(lossError(two, { choice: Int32Array.of(0, 0) }, true)).toBeCloseTo(0.7, 12);
    expect(lossError(exact, { choice: Int32Array.of(0) })).toBeNull();
  });
});

describe("marginal rates", () => {
  it("are what a bit more gains and one fewer costs, of choices that are beaten, too", async () => {
    const table = tableOf([{ loss: [8, 9, 2, 1], bits: [1, 2, 4, 8] }]);
    const groups = await groupItems(table, free, still);
    const at = (choice: number) => marginalRates(table, groups, { choice: Int32Array.of(choice) })[0];
    expect(at(0)).toEqual({ gain: 2, cost: Number.POSITIVE_INFINITY, up: 2, down: null });
    expect(at(2)).toEqual({ gain: 0.25, cost: 2, up: 3, down: 0 });
    expect(at(3)).toEqual({ gain: 0, cost: 0.25, up: null, down: 2 });
    // Beaten by what is cheaper: it costs less than nothing.
    expect(at(1)).toEqual({ gain: 3.5, cost: -1, up: 2, down: 0 });
  });

  it("are of all that is tied together", () =>
    fc.assert(
      fc.asyncProperty(smallTables, async (table) => {
        const groups = await groupItems(table, free, still);
        const found = await frontier(table, free, still);
        const p = found.bits.length >> 1;
        const rates = marginalRates(table, groups, found.at(p));
        expect(rates.length).toBe(groups.count);
        // On a frontier nothing is cheaper and no worse.
        for (const { cost, gain } of rates) {
          expect(cost).toBeGreaterThan(0);
          expect(gain).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 40 },
    ));
});
