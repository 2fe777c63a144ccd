import fc from "fast-check";
import { expect, test } from "vitest";
import { frontier } from "../../allocation/frontier.ts";
import { free, still, tableOf } from "../../allocation/testing/tables.ts";
import { within } from "../../allocation/types.ts";
import { weighedObjective } from "./objective.ts";

/** Of every assignment within the budget the least alpha-weighed objective, worked out of losses and costs anew. */
function tried(rows: Row[], alpha: number, budget: number): number {
  const most = (of: "loss" | "cost") => rows.reduce((sum, row) => sum + Math.max(...row[of]), 0);
  const [losses, costs] = [most("loss"), most("cost")];
  let best = Number.POSITIVE_INFINITY;
  const walk = (i: number, loss: number, cost: number, bits: number): void => {
    if (bits > budget) return;
    if (i < rows.length) {
      for (const [c, b] of rows[i].bits.entries())
        walk(i + 1, loss + rows[i].loss[c], cost + rows[i].cost[c], bits + b);
    } else best = Math.min(best, (alpha * loss) / losses + ((1 - alpha) * cost) / costs);
  };
  walk(0, 0, 0, 0);
  return best;
}

interface Row {
  loss: number[];
  cost: number[];
  bits: number[];
}
const column = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 3, maxLength: 3 });
const rows = fc.array(fc.record({ loss: column, cost: column, bits: column }), { minLength: 1, maxLength: 7 });

test("the search that is exact for losses is exact for both in one: as trying all", async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (made, alpha, share) => {
        const table = tableOf(made);
        const cost = Float64Array.from(made.flatMap((row) => row.cost));
        const weighed = { ...table, loss: weighedObjective(table.loss, cost, 3, alpha).loss };
        const found = await frontier(weighed, free, still);
        const [least, most] = [Math.min, Math.max].map((of) => made.reduce((sum, row) => sum + of(...row.bits), 0));
        const budget = Math.floor(least + share * (most - least));
        const best = found.at(within(found, budget));
        expect(best.bits).toBeLessThanOrEqual(budget);
        expect(best.loss).toBeCloseTo(tried(made, alpha, budget), 9);
      },
    ),
    { numRuns: 60 },
  );
});

test("each column counts alike whatever its units, and what cannot be had stays so", () => {
  const [loss, cost] = [Float64Array.of(1, 3, Number.NaN, 1), Float64Array.of(9, 5, 4, Number.NaN)];
  expect(weighedObjective(loss, cost, 2, 1).loss).toEqual(Float64Array.of(0.25, 0.75, Number.NaN, 0.25));
  expect(weighedObjective(loss, cost, 2, 0.5).loss[3]).toBeNaN();
  const half = weighedObjective(loss, cost, 2, 0.5);
  expect(half.scale).toEqual({ loss: 4, cost: 13 });
  const seconds = cost.map((x) => x / 1000);
  const other = weighedObjective(loss, seconds, 2, 0.5).loss;
  other.forEach((x, i) => {
    if (Number.isNaN(x)) expect(half.loss[i]).toBeNaN();
    else expect(x).toBeCloseTo(half.loss[i], 12);
  });
  expect(() => weighedObjective(loss, cost, 2, 1.5)).toThrow("alpha is from 0 to 1");
  expect(() => weighedObjective(loss, cost, 3, 1)).toThrow("rows of 3 choices");
  expect(weighedObjective(new Float64Array(0), new Float64Array(0), 2, 0.5).loss.length).toBe(0);
});
