import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bruteForce } from "../brute.ts";
import { frontier, frontierOf } from "../frontier.ts";
import { groupItems } from "../groups.ts";
import { free, modelTable, smallTables, still, tableOf } from "../testing/tables.ts";
import { within } from "../types.ts";
import { firstWhere } from "./bisection.ts";
import { solve, solvers } from "./index.ts";

describe.each(solvers)("$name", (solver) => {
  const drawn = solver.drawn || solver.name === "amaq";

  it("keeps to any budget, is never better than the exact one, and its bound never above it", () =>
    fc.assert(
      fc.asyncProperty(smallTables, fc.integer({ min: 0, max: 9 }), async (table, tenth) => {
        const groups = await groupItems(table, { ...free, fixedBits: 5 }, still);
        const exact = await frontierOf(groups, still);
        const [least, most] = [exact.bits[0], exact.bits[exact.bits.length - 1]];
        const budget = Math.floor(least - 1 + ((most - least + 2) * tenth) / 9);
        const found = await solve(solver, exact, budget, still, { seed: 3 });
        const best = bruteForce(groups, budget);
        expect(found === null).toBe(best === null);
        if (!found || !best) return;
        expect(found.assignment.bits).toBeLessThanOrEqual(budget);
        const slack = 1e-9 * (1 + Math.abs(best.loss));
        expect(found.gap).toBeGreaterThanOrEqual(-slack);
        expect(found.atMost).toBeGreaterThanOrEqual(-slack);
        if (solver.name === "ilp") expect(found.gap).toBeLessThanOrEqual(slack);
        if (solver.name === "ilp") expect(found.atMost).toBeLessThanOrEqual(slack);
      }),
      { numRuns: drawn ? 5 : 60 },
    ));

  it("finds the only allocation there is, and that of nothing", async () => {
    const one = await frontier(tableOf([{ loss: [2], bits: [3] }]), free, still);
    expect((await solve(solver, one, 3, still))!.assignment).toEqual({ choice: Int32Array.of(0), loss: 2, bits: 3 });
    expect(await solve(solver, one, 2, still)).toBeNull();
    const none = await frontier(tableOf([]), free, still);
    expect((await solve(solver, none, 0, still))!.assignment.bits).toBe(0);
  });

  it("can be cancelled", async () => {
    const exact = await frontier(modelTable(20, 6), free, still);
    const control = {
      checkpoint: async () => {
        throw new Error("cancelled");
      },
    };
    await expect(solve(solver, exact, exact.bits[exact.bits.length >> 1], control)).rejects.toThrow("cancelled");
  });
});

describe("solvers", () => {
  it("have names of their own", () => {
    expect(new Set(solvers.map(({ name }) => name)).size).toBe(solvers.length);
  });

  it("come as near to the exact allocation of 28 tensors as is said here", async () => {
    const exact = await frontier(modelTable(28, 8), free, still);
    expect(exact.gap).toBe(0);
    const budget = exact.bits[0] + 0.4 * (exact.bits[exact.bits.length - 1] - exact.bits[0]);
    const best = exact.loss[within(exact, budget)];
    const gaps: Record<string, number> = {};
    for (const solver of solvers) gaps[solver.name] = (await solve(solver, exact, budget, still))!.gap / best;
    const most = {
      ilp: 1e-12,
      relaxation: 0.01,
      greedy: 0.01,
      amaq: 0.01,
      water: 0.2,
      lagrangian: 0.05,
      fliqs: 0.05,
      bisection: 1.5,
    };
    for (const [name, share] of Object.entries(most)) expect(gaps[name], name).toBeLessThan(share);
    expect(Object.keys(gaps).sort()).toEqual(Object.keys(most).sort());
  });

  it("that draw find the same with the same seed, and something else with another", async () => {
    const exact = await frontier(modelTable(8, 6), free, still);
    const budget = exact.bits[exact.bits.length >> 1];
    const [fliqs] = solvers.filter(({ drawn }) => drawn);
    const run = async (seed: number) => [
      ...(await solve(fliqs, exact, budget, still, { seed }))!.trace!.columns.reward,
    ];
    const [a, b, c] = [await run(1), await run(1), await run(2)];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  it("bisect in no more looks than the logarithm of the list and one", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (length, at) => {
        let looks = 0;
        const found = firstWhere(length, (n) => {
          looks++;
          return n >= at;
        });
        expect(found).toBe(Math.min(at, length));
        expect(looks).toBeLessThanOrEqual(Math.ceil(Math.log2(length)) + 1);
      }),
    ));
});
