import { describe, expect, it } from "vitest";
import { rules } from "../scales/rules/index.ts";
import { complete, parseDefinition } from "./index.ts";
import { testVocabulary } from "./testing.ts";

const KEYS = ["zp=", "frac=", "sat=", "zero=", "nonfinite=", "arith=", "reach=", "least=", "offset="];

/** Completes at the bar in a text; what the options insert as `texts`. */
function at(marked: string, options: Parameters<typeof complete>[3] = {}) {
  const cursor = marked.indexOf("|");
  const text = marked.replace("|", "");
  const found = complete(text, cursor, [parseDefinition("my4:=codebook(-1,0,1)")], options);
  return { ...found, texts: found.options.map((o) => o.text) };
}

describe("completion", () => {
  it("offers formats, aliases, definitions and steps where a recipe begins", () => {
    const { options, from, to } = at("|");
    expect([from, to]).toEqual([0, 0]);
    expect(new Set(options.map((o) => o.kind))).toEqual(new Set(["format", "alias", "definition", "step"]));
    expect(options.find((o) => o.text === "my4")?.describe).toBe("my4:=codebook(-1,0,1)");
    expect(options.every((o) => o.describe.length > 0)).toBe(true);
  });

  it.each([
    ["nvf|", 0, 3, ["nvfp4", "ggml_nvfp4", "torchao_nvfp4", "modelopt_nvfp4"]],
    ["mxfp4|x", 0, 6, ["mxfp4", "ggml_mxfp4", "torchao_mxfp4"]],
    ["nvfp4@|", 6, 6, ["rne", "away", "inward", "trunc", "up", "down", "odd", "sr", "coin"]],
    ["nvfp4@s|", 6, 7, ["sr"]],
    ["nvfp4@sr(|", 9, 9, ["bits=", "seed="]],
    ["nvfp4@sr(bits=2,|", 16, 16, ["seed="]],
    ["nvfp4@sr(se|ed=3)", 9, 13, ["seed="]],
    ["int4(|", 5, 5, ["narrow", "full", "half", "signmax", "asym", ...KEYS]],
    ["int4(si|", 5, 7, ["signmax"]],
    ["e4m3(sat=|clamp)", 9, 14, ["clamp", "nan", "inf"]],
    ["int4(zero=m|", 10, 11, ["min"]],
    ["int4/|", 5, 5, ["16", "32", "64", "128", "128x128", "row", "col", "tensor", "flat(64)"]],
    ["int4/t|", 5, 6, ["tensor", "flat(64)"]],
    ["int4/row|", 8, 8, ["~", ":", "+"]],
    ["int4(half)|", 10, 10, ["@", "/", "+"]],
    ["nvfp4/8~|", 8, 8, rules.map(({ entry }) => entry.name)],
    ["nvfp4/8~mx(|", 11, 11, ["floor", "ceil", "even", "rceil"]],
    ["rht(64|", 6, 6, [",", ")"]],
    ["bnbf|", 0, 4, ["bnbfp4"]],
    ["q4_k|", 4, 4, ["+"]],
    ["int4:|", 5, 5, []],
    ["int9/|", 5, 5, []],
    ["sr@|", 3, 3, []],
  ])("at %s", (marked, from, to, texts) => {
    const found = at(marked);
    expect(found.texts).toEqual(texts);
    expect([found.from, found.to]).toEqual([from, to]);
  });

  it("goes on after a finished word, and offers longer words too", () => {
    const { texts, from } = at("e4m3|");
    expect(from).toBe(0);
    expect(texts).toEqual([
      ...["e4m3", "e4m3ieee", "e4m3fnuz", "e4m3b11fnuz", "ue4m3"],
      ...["e4m3(", "e4m3@", "e4m3/", "e4m3+"],
    ]);
  });

  it("offers formats and aliases, but no steps, as a scale", () => {
    const kinds = new Set(at("int4/64:|").options.map((o) => o.kind));
    expect(kinds).toEqual(new Set(["format", "alias", "definition"]));
  });

  it("offers steps by their place", () => {
    const steps = (marked: string) =>
      at(marked, { vocabulary: testVocabulary }).options.flatMap((o) => (o.kind === "step" ? [o.text] : []));
    const placed = (place: string) => testVocabulary.steps.filter((s) => s.place === place).map(({ name }) => name);
    expect(placed("before")).toEqual(expect.arrayContaining(["rht", "perm", "side"]));
    expect(steps("|")).toEqual(placed("before"));
    expect(steps("rht(4)+|")).toEqual(placed("before"));
    expect(placed("after")).toEqual(expect.arrayContaining(["lowrank", "fixup"]));
    expect(steps("int4/64+|")).toEqual(placed("after"));
  });

  it("says what number is expected", () => {
    expect(at("int4@sr(seed=|").hint).toBe("a whole number from 0 to 4294967295");
    expect(at("rht(|").hint).toBe(
      "block along the row: a power of two times 1, 12 or 20: a whole number from 2 to 1048576",
    );
    expect(at("int4|").hint).toBeNull();
  });

  it("takes a cursor outside the text for its nearest end", () => {
    expect(complete("int4", -3).from).toBe(0);
    expect(complete("int4/", 99)).toMatchObject({ from: 5, to: 5 });
  });
});
