import { expect, it } from "vitest";
import { openFrontier } from "../../kernels/allocation/frontier.ts";
import { within } from "../../kernels/allocation/types.ts";
import { arraysOf } from "./arrays.ts";
import { findFrontier } from "./find.ts";
import { refusedOf } from "./refused.ts";
import { FREE, type FrontierRequest } from "./request.ts";
import { compareSolvers } from "./solvers.ts";

const quiet = () => ({ signal: new AbortController().signal, progress() {} });

function request(count: number): FrontierRequest {
  const items = Array.from({ length: count }, (_, i) => ({
    ...{ name: `t${i}`, kind: "weight" as const, elements: 100, layer: i, role: "w", tie: null, storedBits: 1600 },
  }));
  return {
    items,
    choices: ["int2", "int4", "keep"],
    loss: Float64Array.from({ length: 3 * count }, (_, k) => [(k % 7) + 4, 1 + (k % 5) / 10, 0][k % 3]),
    deviation: null,
    bits: Float64Array.from({ length: 3 * count }, (_, k) => [200, 400, 1600][k % 3]),
    pinned: new Int32Array(count).fill(FREE),
    forbidden: new Uint8Array(3 * count),
    reasons: ["", "kept"],
    refused: new Map(),
    fixedBits: 50,
  };
}

it("goes over to another thread as arrays, and is opened there; pins and what is forbidden hold at every point", async () => {
  const asked = request(9);
  asked.pinned[3] = 1;
  asked.forbidden[0] = asked.forbidden[1] = 1;
  const answer = await findFrontier(asked, quiet());
  const buffers = [...new Set(arraysOf(answer).map((array) => array.buffer as ArrayBuffer))];
  const there = openFrontier(structuredClone(answer, { transfer: buffers }).data);
  expect([there.bits[0], there.bits.at(-1)]).toEqual([50 + 1600 + 400 + 7 * 200, 50 + 8 * 1600 + 400]);
  for (const [p, bits] of there.bits.entries()) {
    const { choice, bits: spent } = there.at(p);
    expect([choice[0], choice[3], spent]).toEqual([2, 1, bits]);
  }
  expect(within(there, there.bits[0] - 1)).toBe(-1);
});

it("says in a sentence what pins contradict", async () => {
  const asked = request(2);
  asked.items[0].tie = asked.items[1].tie = "both";
  asked.pinned.set([0, 1]);
  await expect(findFrontier(asked, quiet())).rejects.toMatchObject({ name: "UserError" });
});

it("says why a tensor that nothing suits stays as it is, and why a tie cannot have what one of it is pinned to", async () => {
  const asked = request(3);
  asked.items[0].tie = asked.items[1].tie = "both";
  asked.loss.fill(Number.NaN, 3, 5);
  asked.loss.fill(Number.NaN, 6, 9);
  const table = {
    ...asked,
    refused: (i: number, c: number) => (Number.isNaN(asked.loss[3 * i + c]) ? `t${i} has rows of 100` : null),
  };
  const free = await findFrontier({ ...asked, refused: refusedOf(table, asked.pinned) }, quiet());
  expect(openFrontier(free.data).left).toEqual([
    { why: "no recipe of the grid goes with it: t2 has rows of 100", items: [2] },
  ]);
  asked.pinned[0] = 1;
  const tied = findFrontier({ ...asked, refused: refusedOf(table, asked.pinned) }, quiet());
  await expect(tied).rejects.toThrow(/t1 is pinned with 1 more of its tie to int4, .*: t1 has rows of 100/);
});

it("other solvers come to no less than the frontier, within the budget", async () => {
  const asked = request(12);
  asked.pinned[2] = 1;
  const budgetBits = 50 + 12 * 500;
  const { points } = await compareSolvers({ ...asked, budgetBits, seed: 1 }, quiet());
  expect(points.length).toBeGreaterThan(3);
  for (const { bits, gap } of points) {
    expect(bits).toBeLessThanOrEqual(budgetBits);
    expect(gap).toBeGreaterThanOrEqual(-1e-9);
  }
});
