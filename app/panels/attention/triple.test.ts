import { expect, it } from "vitest";
import type { DescribedAttention } from "../../../workers/models/describe.ts";
import type { TensorInfo } from "../../../workers/tensors/info.ts";
import { infiniteHeads, tableOf } from "./figures.ts";
import { attentionPart } from "./options.ts";
import { orderFor, tripleOf } from "./triple.ts";

const view = { split: 1, transpose: false };
const tensor = (name: string, shape: number[]): TensorInfo => ({ name, dtype: "F32", shape, elements: 1, view });
const all = (keys = 32) =>
  ["queries", "keys", "values"].map((role) => tensor(`l.0.${role}`, [64, role === "queries" ? 96 : keys]));
const find = (list: TensorInfo[]) => (name: string) => list.find((one) => one.name === name);
const options = attentionPart.initial;
const known: DescribedAttention = { name: "l.0", heads: 6, keyHeads: 2, scale: 0.25, cap: null, window: null };
const triple = (keys?: number) => {
  const found = tripleOf("l.0.keys", find(all(keys)));
  if (typeof found === "string") throw new Error(found);
  return found;
};

it("finds what belongs together by name, and says what is missing", () => {
  expect(triple()).toMatchObject({ role: "keys", of: "l.0", tensors: { queries: { name: "l.0.queries" } } });
  expect(tripleOf("l.0.keys", find(all().slice(1)))).toBe("There is no l.0.queries beside l.0.keys.");
  expect(tripleOf("queries", find([tensor("queries", [2, 2])]))).toBe("There is no keys and no values beside queries.");
});

it("asks with A's recipe in the place of the shown part, and the options' for the others", () => {
  const order = orderFor(triple(), { ...options, keys: "int2/row", values: " int8/row" }, view, known);
  if (typeof order === "string") throw new Error(order);
  expect(order).toMatchObject({ heads: 6, keyHeads: 2, notes: [] });
  const target = { source: "s", tensor: "l.0.keys", view };
  expect(order.request({ target, recipe: "int4/col", definitions: [], backend: null })).toMatchObject({
    ...{ recipes: { keys: "int4/col", values: " int8/row" }, scale: 0.25, causal: true, heads: 6, keyHeads: 2 },
  });
});

it("says why it cannot, and what the model does besides", () => {
  expect(orderFor(triple(), options, view, null)).toMatch(/How many heads .* is not known/);
  expect(orderFor(triple(), { ...options, heads: 5 }, view, known)).toBe(
    "96 columns of queries are not 5 heads of one width.",
  );
  expect(orderFor(triple(40), options, view, known)).toMatch(/queries of 16 values, which 40 columns of keys/);
  expect(orderFor(triple(), options, { split: 1, transpose: true }, known)).toMatch(/tokens as rows/);
  expect(orderFor(triple(), options, view, { ...known, cap: 50, window: 16 })).toMatchObject({
    notes: [
      "The model caps its scores at 50: here they are as they are.",
      "In the model a token sees 16 keys: here it sees all before it.",
    ],
  });
});

it("has a line for all heads and one for each, and a word for what is infinite", () => {
  const figures = {
    ...{ outputNmse: 0.5, cosine: 1, relativeL1: 1, rmse: 1, logitNmse: null, probabilityKl: Infinity, broken: 0 },
    ...{ entropy: 1, entropyAfter: 2 },
  };
  const report = { recipes: {}, figures, byHead: [figures, figures], bits: {}, tokens: 4, keyTokens: 4 };
  const { columns, rows } = tableOf({ a: report, b: null });
  expect(rows.map(([head]) => head)).toEqual(["all", 0, 1]);
  expect(rows.every((row) => row.length === columns.length)).toBe(true);
  expect(rows[1].slice(0, 2)).toEqual([0, 0.5]);
  expect(rows[1]).toContain("infinite");
  expect(infiniteHeads({ a: report, b: null }, "output")).toBe(null);
  expect(infiniteHeads({ a: report, b: null }, "kl")).toBe(
    "KL, nats is infinite in 2 of 2 heads of A: a key lost all its weight there. They are not drawn.",
  );
});
