import { describe, expect, it } from "vitest";
import { parseRecipe, printRecipe } from "../../notation/index.ts";
import { rules } from "./index.ts";

const printed = (rule: string) => printRecipe(parseRecipe(`int4/32~${rule}`));

describe("the options of scale rules", () => {
  it.each([
    ["pct(0)", "pct(100)"],
    ["mse(p=0.1)", "mse(p=16)"],
    ["mse(grid=1)", "mse(grid=4096)"],
    ["mse(least=0)", "mse(least=1)"],
    ["mse(most=1)", "mse(most=4)"],
    ["shrink(p=0.1)", "shrink(p=16)"],
    ["shrink(grid=1)", "shrink(grid=4096)"],
    ["shrink(least=0)", "shrink(least=1)"],
  ])("go from %s to %s and no further", (least, most) => {
    for (const text of [least, most]) expect(printed(text)).toBe(`int4/32~${text}`);
    const [, name, key, low] = /(\w+)\((\w+=)?([\d.]+)\)/.exec(least)!;
    const high = /([\d.]+)\)/.exec(most)![1];
    for (const beyond of [Number(low) - 0.05, Number(high) + 0.05, Number(high) + 1]) {
      expect(() => printed(`${name}(${key ?? ""}${beyond})`), `${name} ${key} ${beyond}`).toThrow();
    }
  });

  it("are not written where they are the usual ones", () => {
    for (const [text, short] of [
      ["mse(p=2,grid=100,least=0.2,most=1.5)", "mse"],
      ["shrink(p=2,grid=100,least=0.2)", "shrink"],
      ["mse(weights=none)", "mse"],
      ["mse(p=1,weights=inputs)", "mse(p=1,weights=inputs)"],
      ["shrink(inputs)", "shrink(weights=inputs)"],
      ["absmean(1)", "absmean"],
      ["mx(floor)", "mx(floor)"],
      ["mx", "mx(floor)"],
      ["rms(2)", "rms(2)"],
    ]) {
      expect(printed(text)).toBe(`int4/32~${short}`);
    }
  });

  it("are whole where they count, never below zero where they are factors, and named or not as they are written", () => {
    for (const text of [
      "mse(grid=2.5)",
      "shrink(grid=1.5)",
      "rms(-1)",
      "std(-1)",
      "absmean(-0.5)",
      "mse(2)",
      "shrink(2)",
      "mx(nearest)",
      "pct",
      "absmax(1)",
      "minmax(1)",
      "rceil(1)",
    ]) {
      expect(() => printed(text), text).toThrow();
    }
    expect(["rms(0)", "std(0)", "absmean(0)", "rms", "std", "mx(ceil)", "mx(even)"].map(printed)).toEqual(
      ["rms(0)", "std(0)", "absmean(0)", "rms", "std", "mx(ceil)", "mx(even)"].map((text) => `int4/32~${text}`),
    );
  });
});

it("every rule has a name of its own, and where it is offered first it is written so", () => {
  const names: string[] = rules.map(({ entry }) => entry.name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(
    expect.arrayContaining(
      "absmax minmax pct mse shrink rms std absmean mx rceil quest fouroversix realbias lsq lclip expr".split(" "),
    ),
  );
  for (const { entry, offers = [] } of rules) {
    for (const text of offers) expect(text === entry.name || text.startsWith(`${entry.name}(`), text).toBe(true);
    // What is usual is not written.
    for (const text of offers) expect(printed(text)).toBe(text === "absmax" ? "int4/32" : `int4/32~${text}`);
  }
});
