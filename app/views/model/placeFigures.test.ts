import { expect, it } from "vitest";
import type { LmTensor } from "../../../workers/lm/request.ts";
import type { NetworkPart } from "./parts.ts";
import { placeFigures, weightToOpen } from "./placeFigures.ts";
import { figuresOfRule } from "./RuleList.tsx";
import { readModelRules } from "./rules.ts";

const part = (name: string, over: Partial<NetworkPart> = {}): NetworkPart => ({
  ...{ name, layer: 0, role: "q_proj", linear: true, shape: [2, 4], bitsPerWeight: 16, missing: false },
  ...over,
});
const tensor = (name: string, nmse: number | null, recipe = "nvfp4"): LmTensor => ({
  ...{
    side: "a",
    name,
    layer: 0,
    elements: 8,
    recipe,
    bitsPerWeight: 4.5,
    nmse,
    broken: 0,
    backend: "wasm",
    notes: [],
  },
});
const experts = { role: "up_proj", layer: 0, parts: [part("0.e0"), part("0.e1")] };
const none = { a: new Map<string, LmTensor>(), b: new Map<string, LmTensor>() };

it("experts of a place are one figure, once all of them are there", () => {
  const rules = readModelRules("nvfp4", experts.parts);
  const one = { ...none, a: new Map([["0.e0", tensor("0.e0", 0.01)]]) };
  expect(placeFigures(experts, "a", rules, one)).toMatchObject({ known: 1, touched: 2, nmse: null, bits: null });
  const both = { ...none, a: new Map([...one.a, ["0.e1", tensor("0.e1", 0.03)]]) };
  expect(placeFigures(experts, "a", rules, both)).toMatchObject({ known: 2, bits: 4.5, recipes: ["nvfp4"] });
  expect(placeFigures(experts, "a", rules, both).nmse).toBeCloseTo(0.02, 12);
  expect(weightToOpen(experts, both.a)).toBe("0.e1");
  expect(weightToOpen({ ...experts, parts: [part("x", { missing: true })] }, both.a)).toBeNull();
});

it("what is kept has no error and its stored bits; figures of another recipe are none", () => {
  const kept = placeFigures(experts, "a", readModelRules("*=keep", experts.parts), none);
  expect(kept).toMatchObject({ nmse: 0, bits: 16, touched: 0 });
  const other = { ...none, a: new Map(experts.parts.map(({ name }) => [name, tensor(name, 0.1, "mxfp4")])) };
  const rules = readModelRules("nvfp4", experts.parts);
  expect(placeFigures(experts, "a", rules, other)).toMatchObject({ known: 0, nmse: null });
  expect(figuresOfRule(rules.uses[0], other.a)).toEqual({ bits: null, nmse: null, broken: 0 });
});
