/** A link brings grids that nobody typed: what they cost grows as they do, no faster. */
import { describe, expect, it } from "vitest";
import { parseRecipe } from "../notation/index.ts";
import { growth, LINEAR } from "../testing/cost.ts";
import { expandSteps, expandSweep, parseSweep, printSweep } from "./index.ts";

const count = (n: number) => Array.from({ length: n }, (_, i) => i + 1).join();

describe("the cost", () => {
  it("of reading a set grows as the set", () => {
    const read = (n: number) => {
      const text = `int4/(${count(n)})`;
      return () => parseSweep(text);
    };
    expect(growth(read, 250)).toBeLessThan(LINEAR);
  });

  it("of writing a set grows as the set", () => {
    const write = (n: number) => {
      const grids = parseSweep(`int4/(${count(n)})`);
      return () => printSweep(grids);
    };
    expect(growth(write, 250)).toBeLessThan(LINEAR);
  });

  it("of reading a codebook grows as its levels", () => {
    const read = (n: number) => {
      const text = `codebook(${count(n)})/32`;
      return () => parseRecipe(text);
    };
    expect(growth(read, 50)).toBeLessThan(LINEAR);
  });

  it("of reading a list grows as the list", () => {
    const read = (n: number) => {
      const text = Array.from({ length: n }, (_, i) => `int4/${i + 1}`).join(";");
      return () => parseSweep(text);
    };
    expect(growth(read, 200)).toBeLessThan(LINEAR);
  });

  it("of expanding a grid grows as its recipes, and comes in steps of one recipe", () => {
    const expand = (n: number) => {
      const grids = parseSweep(`codebook(${count(32)})/(${count(n)})`);
      return () => expandSweep(grids);
    };
    expect(growth(expand, 16)).toBeLessThan(LINEAR);
    const work = expandSteps(parseSweep(`(int4,nf4)/(${count(20)})`));
    let steps = 0;
    while (!work.next().done) steps++;
    expect(steps).toBe(40);
  });

  it("of a list too long for a sweep is not paid", () => {
    expect(() => parseSweep("f32;".repeat(16000))).toThrow("a sweep takes at most 4096 recipes");
  });

  it("of formats with more codes than a check should list is left to the run", () => {
    expect(expandSweep(parseSweep("e8m10(bias=3)/(32,64):(f32,e8m10)")).recipes).toHaveLength(4);
  });
});
