import { expect, it, vi } from "vitest";
import { parseRecipe, printRecipe } from "../notation/index.ts";
import { vocabulary } from "../notation/vocabulary.ts";
import { steps } from "./index.ts";
import { knownSteps, maySayStep, provideSteps, stepNamed, whenStepsCome } from "./known.ts";

it("knows all steps where the list was imported, as every program does", () => {
  expect(knownSteps()).toBe(steps);
  expect(stepNamed("gptq")?.entry.place).toBe("solver");
});

it("sees from a text alone that a step may be in it: presets hide none", () => {
  for (const { name } of vocabulary.aliases) {
    const { before, after } = parseRecipe(name);
    expect([...before, ...after], name).toEqual([]);
  }
  expect(maySayStep("nvfp4")).toBe(false);
  expect(maySayStep(printRecipe(parseRecipe("rht(64,seed=1)+nvfp4")))).toBe(true);
  expect(maySayStep("#a=rht(64)%2Bnvfp4")).toBe(true);
});

it("tells who waits that steps came, and the notation knows them from then on", () => {
  const heard = vi.fn();
  const end = whenStepsCome(heard);
  try {
    provideSteps([]);
    expect(vocabulary.steps).toEqual([]);
    expect(() => parseRecipe("gptq+int4/128")).toThrow("gptq");
  } finally {
    provideSteps(steps);
  }
  end();
  expect(heard).toHaveBeenCalledTimes(2);
  expect(parseRecipe("gptq+int4/128").before[0].name).toBe("gptq");
});
