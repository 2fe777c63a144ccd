import { expect, it } from "vitest";
import { mixForTest } from "../testing/mix.ts";
import { candidateSets } from "./candidateSets.ts";

it("beside the mix stand its neighbours and one recipe for all, as rules that give each tensor what was meant", () => {
  const { mix, neighbour, uniform, named } = candidateSets(mixForTest(1))!;
  expect(mix).toMatchObject({ kind: "mix", label: "mix at 3.000 b", notes: [] });
  expect([...mix.assigned.values()]).toEqual(["int4/64", "int2/64"]);
  expect(neighbour.map(({ label }) => label)).toEqual(["mix at 2.000 b", "mix at 4.000 b"]);
  expect(uniform.map(({ label, rules }) => [label, rules])).toEqual([
    ["int2/64 everywhere", "model.layers.*.q_proj.weight=int2/64"],
    ["int4/64 everywhere", "model.layers.*.q_proj.weight=int4/64"],
  ]);
  expect(named).toEqual([]);
});

it("a mix that is one recipe for all is not held against itself", () => {
  const { mix, uniform } = candidateSets(mixForTest(2, { rules: "model.layers.*.q_proj.weight=int4/64" }))!;
  expect(mix.notes).toEqual(["it is int4/64 everywhere"]);
  expect(uniform.map(({ label }) => label)).toEqual(["int2/64 everywhere"]);
});

it("there is nothing to measure before there is a mix", () => {
  expect(candidateSets(mixForTest(1, { rules: null }))).toBeNull();
  expect(candidateSets(mixForTest(1, { point: -1 }))).toBeNull();
});
