import { describe, expect, it } from "vitest";
import { constraintsOf, type Limits } from "./constraints.ts";
import { frontier } from "./frontier.ts";
import { runtimes } from "./runtimes/index.ts";
import { still, tableOf } from "./testing/tables.ts";
import { STORED } from "./types.ts";

const roles = ["embedding", "q_proj", "q_proj", "down_proj", "q_proj"];
const rows = roles.map((role, i) => ({
  ...{ loss: [4, 1, 0.5, 0], bits: [16, 32, 64, 128] },
  of: { role, layer: i === 0 ? null : i - 1, elements: 8, storedBits: 128, name: `layers.${i - 1}.${role}` },
}));
const table = tableOf(rows, ["q2_k", "q4_k", "int8/row", "keep"]);

/** The cheapest and the dearest choice of each item. */
async function ends(limits: Limits, of = table) {
  const found = await frontier(of, constraintsOf(of, limits), still);
  const [first, last] = [found.at(0), found.at(found.bits.length - 1)];
  return { first: [...first.choice], last: [...last.choice], left: found.left, bits: first.bits };
}

describe("constraints", () => {
  it("are none where nothing is said, and fixed bits are counted", async () => {
    expect(await ends({ fixedBits: 7 })).toEqual({
      ...{ first: [0, 0, 0, 0, 0], last: [3, 3, 3, 3, 3] },
      ...{ left: [], bits: 87 },
    });
  });

  it("bound bits a value by role", async () => {
    const { first, last } = await ends({ bounds: [{ where: { roles: ["q_proj"] }, least: 3, most: 8 }] });
    expect(first).toEqual([0, 1, 1, 0, 1]);
    expect(last).toEqual([3, 2, 2, 3, 2]);
  });

  it("keep first and last layers, as stored where the table has no word for it", async () => {
    const bounds = [{ where: { ends: { first: 1, last: 1 } }, stays: true as const }];
    expect((await ends({ bounds })).first).toEqual([0, 3, 0, 0, 3]);
    const without = tableOf(
      rows.map(({ loss, bits, of }) => ({ loss: loss.slice(0, 3), bits: bits.slice(0, 3), of })),
      table.choices.slice(0, 3),
    );
    const found = await ends({ bounds }, without);
    expect(found.first).toEqual([0, STORED, 0, 0, STORED]);
    expect(found.left).toEqual([]);
  });

  it("allow and forbid choices by pattern", async () => {
    const found = await ends({
      bounds: [
        { where: { pattern: "*.1.*" }, only: ["int8/row"] },
        { where: { pattern: "*down*" }, never: ["q2_k", "keep"] },
      ],
    });
    expect([found.first, found.last]).toEqual([
      [0, 0, 2, 1, 0],
      [3, 3, 2, 2, 3],
    ]);
    expect(() => constraintsOf(table, { bounds: [{ where: {}, only: ["int9"] }] })).toThrow(
      "int9 is not one of the choices",
    );
  });

  it("forbid what an engine does not run, and say so where nothing is left", async () => {
    const runtime = runtimes.find(({ name }) => name === "llama.cpp")!;
    expect((await ends({ runtime })).last).toEqual([3, 3, 3, 3, 3]);
    const never = [{ where: { kind: "weight" as const }, never: ["keep", "q2_k", "q4_k"] }];
    const { left, first } = await ends({ runtime, bounds: never });
    expect(first).toEqual([STORED, STORED, STORED, STORED, STORED]);
    expect(left).toEqual([{ items: [0, 1, 2, 3, 4], why: "what it could have is forbidden: it may not be chosen" }]);
  });

  it("give way to pins of a person, for all that is tied", async () => {
    const tied = tableOf(
      rows.map((row, i) => ({ ...row, of: { ...row.of, tie: i === 1 || i === 2 ? "qk" : null } })),
      table.choices,
    );
    const bounds = [{ where: { ends: { first: 1, last: 0 } }, stays: true as const }];
    expect((await ends({ bounds }, tied)).first).toEqual([0, 3, 3, 0, 0]);
    expect((await ends({ bounds, pinned: new Map([[2, 1]]) }, tied)).first).toEqual([0, 1, 1, 0, 0]);
  });
});
