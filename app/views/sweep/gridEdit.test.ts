import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecipeError } from "../../../kernels/grammar/errors.ts";
import { parseDefinition } from "../../../kernels/notation/index.ts";
import { expandSweep, parseSweep, printSweep } from "../../../kernels/sweep/index.ts";
import { NONE } from "../../../kernels/sweep/print.ts";
import { type GridSet, kinds, type SetKind, setsOfGrid, toggleItem, withSet } from "./gridEdit.ts";
import { defaultSweep } from "./state.ts";

const setOf = (text: string, kind: SetKind): GridSet =>
  setsOfGrid(parseSweep(text)[0], {}).find((s) => s.kind === kind)!;
const edited = (text: string, kind: SetKind, items: string[]) =>
  printSweep([withSet(parseSweep(text)[0], setOf(text, kind), items, {})]);

describe("the sets of a grid", () => {
  it("are its parts as short texts", () => {
    const sets = setsOfGrid(parseSweep("(none,rht(64,seed=1))+(int4,nf4)@(rne,away)/(none,32,128x128):f16")[0], {});
    expect(Object.fromEntries(sets.map((s) => [s.kind, s.items]))).toEqual({
      bases: ["int4", "nf4"],
      blocks: ["none", "32", "128x128"],
      scales: ["f16"],
      rules: ["none"],
      steps: ["none", "rht(64,seed=1)"],
      roundings: ["rne", "away"],
    });
  });

  it("take a lone recipe apart, and keep an alias whole", () => {
    expect(setOf("ht(32)+int4/64~mse:f16", "steps").items).toEqual(["ht(32)"]);
    expect(setOf("ht(32)+int4/64~mse:f16", "rules").items).toEqual(["mse"]);
    expect(setOf("mxfp4", "bases").items).toEqual(["mxfp4"]);
    expect(setOf("mxfp4", "blocks").items).toEqual(["none"]);
  });

  it("rewrite the text when an item comes or goes", () => {
    expect(edited("int4/(32,64):f16", "bases", ["int4", "nf4"])).toBe("(int4,nf4)/(32,64):f16");
    expect(edited("int4/(32,64):f16", "blocks", ["64"])).toBe("int4/64:f16");
    expect(edited("int4/64:f16", "steps", ["none", "rht(32,seed=3)"])).toBe("(none,rht(32,seed=3))+int4/64:f16");
    expect(edited("(none,ht(8))+int4/64", "steps", [])).toBe("int4/64");
    expect(edited("int4/64", "scales", ["none", "e4m3/tensor"])).toBe("int4/64:(none,e4m3/tensor)");
    // Options that mean nothing but where the item will stand.
    expect(edited("int4/64", "bases", ["int4(zero=1)", "nf4"])).toBe("(int4(zero=1),nf4)/64");
    expect(edited("int4/64", "scales", ["e4m3(least=0.25)", "f16"])).toBe("int4/64:(e4m3(least=0.25),f16)");
    expect(toggleItem(["a"], "b")).toEqual(["a", "b"]);
    expect(toggleItem(["a", "b"], "a")).toEqual(["b"]);
  });

  it("refuse what is no item, with a sentence", () => {
    expect(() => edited("int4/64", "blocks", ["64", "x"])).toThrow(/is no block/);
    expect(() => edited("int4/64", "blocks", ["64:f16"])).toThrow("more than a block");
    expect(() => edited("int4/64", "rules", ["up"])).toThrow(/expected a scale rule/);
    expect(() => edited("int4/64", "scales", ["ht(8)+f16"])).toThrow("a scale has no steps");
    expect(() => edited("int4/64", "bases", [])).toThrow("a grid needs a format");
  });

  it("come back unchanged when nothing is edited", () => {
    for (const text of [
      defaultSweep.grid,
      "(mxfp4,nvfp4,int4/64:f16)/(none,16)",
      "e4m3/(none,32)~(absmax,mse):(f32,f16)",
    ])
      for (const grid of parseSweep(text))
        for (const set of setsOfGrid(grid, {}))
          expect(printSweep([withSet(grid, set, set.items, {})])).toBe(printSweep([grid]));
  });

  it("offer only what can be chosen, written as it is printed", () => {
    for (const [kind, { usual, none, all }] of Object.entries(kinds) as [SetKind, (typeof kinds)["bases"]][]) {
      if (kind === "corrections") continue;
      const items = [...(none ? [NONE] : []), ...usual];
      const text = edited("(int4,nf4)/(32,64)", kind, items);
      expect(setOf(text, kind).items).toEqual(items);
      expect(all().length).toBeGreaterThan(0);
    }
  });

  it("know the codebooks that have names here", () => {
    const definitions = [parseDefinition("my3:=codebook(-1,0,1)")];
    const [grid] = parseSweep("(my3,int4)/(32,64)", { definitions });
    expect(setsOfGrid(grid, { definitions })[0].items).toEqual(["my3", "int4"]);
  });

  const refused = (print: () => string, otherwise: string): string => {
    try {
      return print();
    } catch (error) {
      expect(error).toBeInstanceOf(RecipeError);
      return otherwise;
    }
  };

  it("survive any sequence of toggles", () => {
    const kind = fc.constantFrom<SetKind>("bases", "blocks", "rules", "scales", "steps", "roundings");
    fc.assert(
      fc.property(fc.array(fc.tuple(kind, fc.nat(20)), { maxLength: 12 }), (clicks) => {
        let text = "int4/64";
        for (const [which, n] of clicks) {
          const { usual, none } = kinds[which];
          const offered = [...(none ? [NONE] : []), ...usual];
          const items = toggleItem(setOf(text, which).items, offered[n % offered.length]);
          if (which === "bases" && items.length === 0) continue;
          const grid = withSet(parseSweep(text)[0], setOf(text, which), items, {});
          // What is left may be one recipe that makes none: then the list says why and the text stays.
          text = refused(() => printSweep([grid]), text);
          expect(printSweep(parseSweep(text))).toBe(text);
        }
      }),
      { numRuns: 60 },
    );
  });
});

it("the grid a newcomer sees makes sense throughout", () => {
  const plan = expandSweep(parseSweep(defaultSweep.grid));
  expect(plan.skipped).toEqual([]);
  expect(plan.duplicates).toBe(0);
  expect(plan.recipes).toHaveLength(76);
});
