import fc from "fast-check";
import { expect, it } from "vitest";
import { coreOf, placesOfCore } from "./core.ts";
import { assignmentOf, groupItems } from "./groups.ts";
import { hullOf, relaxedLoss } from "./hull.ts";
import { free, modelTable, smallTables, still } from "./testing/tables.ts";

/** That each point is an allocation of so many bits and so much loss, and that they rise. */
async function check(table: Parameters<typeof groupItems>[0]) {
  const groups = await groupItems(table, free, still);
  const hull = await hullOf(groups, still);
  const core = await coreOf(groups, hull, still);
  const every = Math.max(1, Math.floor(core.bits.length / 200));
  for (let p = 0; p < core.bits.length; p += every) {
    const own = assignmentOf(groups, placesOfCore(groups, hull, core, p));
    expect(own.bits).toBe(core.bits[p]);
    expect(Math.abs(own.loss - core.loss[p])).toBeLessThan(1e-9 * (1 + Math.abs(own.loss)));
    if (p > 0) expect(core.bits[p]).toBeGreaterThan(core.bits[p - 1]);
    expect(core.loss[p]).toBeGreaterThanOrEqual(relaxedLoss(hull, core.bits[p]) - 1e-9 * (1 + Math.abs(own.loss)));
  }
  return { hull, core };
}

it("points between corners are allocations, none below the relaxation's line", () =>
  fc.assert(
    fc.asyncProperty(smallTables, async (table) => void (await check(table))),
    { numRuns: 80 },
  ));

it("there are many between any two corners of a long path, much nearer to the line than the corners", async () => {
  const { hull, core } = await check(modelTable(120, 10));
  const line = (bits: number) => relaxedLoss(hull, bits);
  let [atCorners, atPoints, step, point] = [0, 0, 0, -1];
  const steps = hull.group.length;
  for (let k = 1; k < 200; k++) {
    const budget = hull.bits[0] + ((hull.bits[steps] - hull.bits[0]) * k) / 200;
    while (step < steps && hull.bits[step + 1] <= budget) step++;
    while (point + 1 < core.bits.length && core.bits[point + 1] <= budget) point++;
    atCorners += hull.loss[step] / line(budget) - 1;
    atPoints += core.loss[point] / line(budget) - 1;
  }
  expect(atPoints).toBeLessThan(atCorners / 10);
});
