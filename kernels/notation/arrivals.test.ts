import { expect, it, vi } from "vitest";
import { maySayMore, whenNamesCome } from "../grammar/arrivals.ts";
import { rules } from "../scales/rules/index.ts";
import { knownRules, provideRules } from "../scales/rules/known.ts";
import { steps } from "../steps/index.ts";
import { knownSteps, provideSteps } from "../steps/known.ts";
import { parseRecipe, printRecipe } from "./index.ts";
import { vocabulary } from "./vocabulary.ts";

it("knows all where the vocabulary was imported, as every program does", () => {
  expect(knownSteps()).toBe(steps);
  expect(knownRules()).toBe(rules);
});

it("sees from a text alone that it may use more: presets hide nothing", () => {
  const first = ["absmax", "minmax", "mx"];
  for (const { name } of vocabulary.aliases) {
    const { before, after, quantizer } = parseRecipe(name);
    expect([...before, ...after], name).toEqual([]);
    for (let level: typeof quantizer | null = quantizer; level; level = level.scale) {
      if (level.rule) expect(first, name).toContain(level.rule.name);
    }
  }
  expect(maySayMore("nvfp4")).toBe(false);
  expect(maySayMore(printRecipe(parseRecipe("rht(64,seed=1)+nvfp4")))).toBe(true);
  expect(maySayMore("#a=rht(64)%2Bnvfp4")).toBe(true);
  expect(maySayMore("int4/128~mse")).toBe(true);
});

it("tells who waits that names came, and the notation knows them from then on", () => {
  const heard = vi.fn();
  const end = whenNamesCome(heard);
  try {
    provideSteps([]);
    provideRules(rules.filter(({ entry }) => entry.name === "absmax"));
    expect(vocabulary.steps).toEqual([]);
    expect(() => parseRecipe("gptq+int4/128")).toThrow("gptq");
    expect(() => parseRecipe("int4/128~mse")).toThrow("mse");
  } finally {
    provideSteps(steps);
    provideRules(rules);
  }
  end();
  expect(heard).toHaveBeenCalledTimes(4);
  expect(parseRecipe("gptq+int4/128~mse").before[0].name).toBe("gptq");
});
