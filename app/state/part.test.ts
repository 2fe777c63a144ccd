import { expect, it } from "vitest";
import { defaultExperiment, forgetting, withRecipe, withSource, withTensor } from "./experiment.ts";
import { createPart } from "./part.ts";

const initial = {
  mode: "a",
  list: [] as string[],
  window: null as { from: number } | null,
  zoom: 0,
  name: null as string | null,
};
const part = createPart("one", initial, { window: "matrix", zoom: "values", name: "source" });
const other = createPart("two", { mode: "a" });
const chosen = part.with(defaultExperiment, { mode: "b", list: ["x"], window: { from: 1 }, zoom: 2, name: "n" });

it("is what it was in the beginning until something is changed, and takes no place while it is", () => {
  expect(part.of(defaultExperiment)).toEqual(initial);
  expect(part.of(chosen)).toEqual({ mode: "b", list: ["x"], window: { from: 1 }, zoom: 2, name: "n" });
  expect(part.with(chosen, { ...initial, list: [] })).toEqual(defaultExperiment);
  expect(part.with(chosen, { mode: "c" })).toEqual(part.with(defaultExperiment, { ...part.of(chosen), mode: "c" }));
});

it("knows nothing of another", () => {
  expect(other.of(chosen)).toEqual({ mode: "a" });
  expect(part.of(other.with(chosen, { mode: "z" }))).toBe(part.of(chosen));
  expect(other.with(other.with(chosen, { mode: "z" }), { mode: "a" })).toEqual(chosen);
});

it("is the same object for as long as nothing of it changed, whatever is read between", () => {
  const once = part.of(chosen);
  expect(part.of(withRecipe(chosen, "a", "f16"))).toBe(once);
  const later = part.with(chosen, { mode: "c" });
  expect(part.of(later)).not.toBe(once);
  expect(part.of(chosen)).toBe(once);
  expect(part.of(later)).toBe(part.of(later));
});

it("holds what belongs to a source, a matrix or its values for as long as these stay", () => {
  const kept = (e: typeof chosen) => part.of(e);
  expect(kept(withSource(chosen, { kind: "text", text: "1" }))).toEqual({ ...initial, mode: "b", list: ["x"] });
  expect(kept(withTensor(chosen, null))).toEqual({ ...kept(chosen), window: null, zoom: 0 });
  expect(kept(forgetting(chosen, "matrix"))).toEqual({ ...kept(chosen), window: null });
  expect(kept(forgetting(chosen, "values"))).toEqual({ ...kept(chosen), zoom: 0 });
});
