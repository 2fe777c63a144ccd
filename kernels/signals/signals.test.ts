import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { signalNamed, signals } from "./index.ts";

describe("the list of signals", () => {
  it("has each folder once, by its name", () => {
    const here = new URL(".", import.meta.url);
    const folders = readdirSync(here, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/index.ts`, here)))
      .map(({ name }) => name);
    expect(signals.map(({ name }) => name).toSorted()).toEqual(folders.toSorted());
    expect(new Set(signals.map(({ title }) => title)).size).toBe(signals.length);
    for (const signal of signals) expect(signalNamed(signal.name)).toBe(signal);
    expect(signalNamed("toString")).toBeUndefined();
  });

  it.each(signals.map((signal) => [signal.name, signal] as const))("%s is told in clauses", (_, signal) => {
    for (const words of [signal.says, signal.sums, signal.none]) {
      expect(words.length).toBeGreaterThan(10);
      expect(words.trim()).toBe(words);
      expect(words).not.toMatch(/\.$/);
    }
    // What has no value by recipe is no loss, so it says what a large one means; what is one need not.
    expect(signal.tells === undefined).toBe(signal.byRecipe);
  });
});
