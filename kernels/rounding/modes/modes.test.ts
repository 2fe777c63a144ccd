import { describe, expect, it } from "vitest";
import { formatEntry } from "../../formats/registry.ts";
import { buildRounding, takesUpper, withoutChance } from "../rounding.ts";
import { decidingOf, isNearest, isRandom, modes } from "./index.ts";

const names = modes.map(({ name }) => name);
const without = names.filter((name) => !isRandom(name));

describe("roundings", () => {
  it("each have a name of their own that is no format's", () => {
    expect(names).toEqual(expect.arrayContaining("rne away inward trunc up down odd sr coin lower".split(" ")));
    for (const name of names) expect(formatEntry(name)).toBeUndefined();
    expect(modes.find(({ name }) => name === "lower")?.entry).toBeNull();
    const known = ["rne", "away", "inward", "lower", "trunc", "up", "down", "odd", "sr", "coin"] as const;
    expect(known.filter(isNearest)).toEqual(["rne", "away", "inward", "lower"]);
    expect(known.filter(isRandom)).toEqual(["sr", "coin"]);
    expect(new Set(names).size).toBe(names.length);
  });

  /** Whether each goes up below, at and above the middle: of positive ones after an even code, an odd one, then negative ones. */
  it.each([
    ["rne", "..^ .^^ ..^ .^^"],
    ["away", ".^^ .^^ ..^ ..^"],
    ["inward", "..^ ..^ .^^ .^^"],
    ["lower", "..^ ..^ ..^ ..^"],
    ["trunc", "... ... ^^^ ^^^"],
    ["up", "^^^ ^^^ ^^^ ^^^"],
    ["down", "... ... ... ..."],
    ["odd", "^^^ ... ^^^ ..."],
  ] as const)("%s goes up as the standard says", (mode, wanted) => {
    const parts = [false, true].flatMap((negative) =>
      [false, true].map((lowerOdd) =>
        [-1, 0, 1].map((side) => (takesUpper(mode, { side, negative, lowerOdd }) ? "^" : ".")).join(""),
      ),
    );
    expect(parts.join(" ")).toBe(wanted);
    expect(without).toContain(mode);
  });

  it("by chance need a word: of half the words a coin goes up, of fractions as many as they are", () => {
    for (const name of ["sr", "coin"] as const) {
      expect(() => takesUpper(name, { side: 0, negative: false, lowerOdd: false })).toThrow(
        `${name} needs random bits`,
      );
    }
    const x = { q: 1.25, numerator: [1.25], denominator: 1, delicate: false };
    const ups = (name: "sr" | "coin", bits: number) =>
      [0, 0x3fffffff, 0x7fffffff, 0x80000000, 0xbfffffff, 0xc0000000, 0xffffffff].map((word) => {
        const deciding = decidingOf(name);
        return deciding.by === "chance" && deciding.up(x, 1, 2, bits, word);
      });
    expect(ups("coin", 24)).toEqual([false, false, false, true, true, true, true]);
    expect(ups("sr", 24)).toEqual([false, false, false, false, false, true, true]);
    // One bit tells no quarter.
    expect(ups("sr", 1)).toEqual([false, false, false, false, false, false, false]);
  });

  it("are read from calls, and are the nearest where chance has no part", () => {
    expect(buildRounding(null)).toEqual({ mode: "rne", bits: 24, seed: 0 });
    const sr = buildRounding({
      name: "sr",
      args: [
        { key: "bits", value: { type: "number", value: 8 } },
        { key: "seed", value: { type: "number", value: 3 } },
      ],
    });
    expect(sr).toEqual({ mode: "sr", bits: 8, seed: 3 });
    expect(withoutChance(sr)).toEqual({ mode: "rne", bits: 8, seed: 3 });
    const down = buildRounding({ name: "down", args: [] });
    expect(withoutChance(down)).toBe(down);
    for (const name of ["lower", "nearest", "toString"]) {
      expect(() => buildRounding({ name, args: [] })).toThrow(`${name} is not a rounding`);
    }
  });
});
