import { expect, it } from "vitest";
import { activationsText, parseActivations } from "./activations.ts";

it("is a recipe, with a word for its scales", () => {
  for (const [text, printed] of [
    ["int4/row", "int4/row"],
    ["dynamic  int4@rne/row", "int4/row"],
    [" static int8/tensor ", "static int8/tensor"],
  ]) {
    expect(activationsText(parseActivations(text))).toBe(printed);
    expect(activationsText(parseActivations(printed))).toBe(printed);
  }
  expect(() => parseActivations("fixed int8/row")).toThrow('static or dynamic, not "fixed"');
  expect(() => parseActivations("")).toThrow("a recipe for activations is missing");
  expect(() => parseActivations("static int9x")).toThrow("int9x");
});
