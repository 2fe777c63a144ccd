import { expect, it } from "vitest";
import { neighboursPart } from "./options.ts";
import { byChance, neighboursOf, searchFor, tableOf } from "./search.ts";

const options = neighboursPart.initial;

it("reads numbers of neighbours as a person writes them", () => {
  expect(neighboursOf("10, 1,100,1")).toEqual([1, 10, 100]);
  for (const text of ["", "0", "1.5", "1,,2", "ten", "1001", "1,2,3,4,5,6,7,8,9,10,11,12,13"]) {
    expect(neighboursOf(text), text).toBe(null);
  }
});

it("searches for what the rows have, and says what they have not", () => {
  expect(searchFor(options, { rows: 64, cols: 32 })).toMatchObject({
    ...{ k: [1, 10], queries: 64, keep: null, why: null },
    note: "64 rows have no 100 neighbours to choose.",
  });
  expect(searchFor(options, { rows: 1, cols: 9 })).toEqual({ why: "One row has no neighbours to choose among." });
  expect(searchFor({ ...options, k: "100" }, { rows: 50, cols: 9 }).why).toMatch(/fewer neighbours than the 100/);
  expect(searchFor({ ...options, k: "1;2" }, { rows: 50, cols: 9 }).why).toMatch(/not "1;2"/);
  expect(searchFor({ ...options, keep: 10 }, { rows: 50, cols: 9 }).why).toBe(
    "10 components cannot be kept of 9 columns.",
  );
  // All others are found by any search: that would be no figure.
  expect(byChance(49, 50)).toBe(1);
  expect(searchFor({ ...options, k: "48,49" }, { rows: 50, cols: 9 })).toMatchObject({ k: [48] });
});

it("gives every figure of both in its table, and nothing where there is none", () => {
  const b = {
    recall: [{ k: 1, mean: 0.5, standardError: null }],
    ...{ rankCorrelation: null, queries: 7, leftOut: 2, bitsPerVector: 64, smaller: 8, variance: null },
  };
  const { columns, rows } = tableOf({ a: null, b }, 11);
  expect(rows.every((row) => row.length === columns.length)).toBe(true);
  expect(rows[0]).toEqual(["recall@1", null, null, 0.5, null, 0.1]);
  expect(rows).toContainEqual(["vectors left out", null, null, 2, null, null]);
});
