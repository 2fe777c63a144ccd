import { expect, it } from "vitest";
import { noSum } from "./table.ts";

it("a signal that says nothing when it is added up is told as that, unless it has weights to be added up by", () => {
  const one = { values: [[1]], about: "" };
  expect(noSum("outputNmse", { signals: { outputNmse: one } })).toMatch(/ is no sum over tensors: .+\.$/);
  expect(noSum("nmse", { signals: { nmse: { ...one, weight: [1] } } })).toBeNull();
  expect(["kl", "toString", "exl3"].map((name) => noSum(name, { signals: { [name]: one } }))).toEqual([
    null,
    null,
    null,
  ]);
});
