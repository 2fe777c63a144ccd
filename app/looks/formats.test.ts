import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { vocabulary } from "../../kernels/notation/vocabulary.ts";
import { expandSweep, parseSweep } from "../../kernels/sweep/index.ts";
import { formatNameOf } from "./formatName.ts";
import { type Look, lookOf, looksOf } from "./formats.ts";
import { outlinePath } from "./outlines.ts";

const names = [...vocabulary.formats, ...vocabulary.aliases].map(({ name }) => name);
const told = ({ colour, outline }: Look) => `${colour} ${outline}`;

describe("the looks of formats", () => {
  it("are all different, for every registered name together", () => {
    const looks = [...looksOf(names).values()].map(told);
    expect(new Set(looks).size).toBe(names.length);
    const paths = new Set([...looksOf(names).values()].map(({ colour, outline }) => colour + outlinePath(outline, 38)));
    expect(paths.size).toBe(names.length);
  });

  it("show mxfp4 and nvfp4 as themselves, in a colour that neither e2m1 nor the other has", () => {
    const colours = ["e2m1", "mxfp4", "nvfp4", "int4", "nf4"].map((name) => lookOf(name).colour);
    expect(new Set(colours).size).toBe(colours.length);
  });

  it("are the same in any company for names that are known, and never shared by two of a chart", () => {
    const name = fc.oneof(fc.constantFrom(...names), fc.stringMatching(/^[a-z]{1,3}[0-9]{0,2}(\([a-z]{1,4}\))?$/));
    const home = looksOf(names);
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 90 }), (company) => {
        const looks = looksOf(company);
        expect([...looks.keys()]).toEqual(company);
        expect(new Set([...looks.values()].map(told)).size).toBe(company.length);
        for (const one of company)
          if (vocabulary.aliases.some((a) => a.name === one)) expect(looks.get(one)).toEqual(home.get(one));
        // Whoever names them in another order gets the same.
        expect(new Map([...looksOf([...company].reverse())].sort())).toEqual(new Map([...looks].sort()));
      }),
    );
  });

  it("is its own for a name that is met alone, whatever it is", () => {
    for (const name of ["int4(asym)", "e3m2(bias=4,top=nan)", "my4", ""]) {
      expect(looksOf([name, "int4", "nvfp4"]).get(name)).toEqual(lookOf(name));
    }
  });

  it("does not run out", () => {
    const many = Array.from({ length: 500 }, (_, i) => `format${i}`);
    const looks = [...looksOf(many).values()];
    expect(new Set(looks.map(told)).size).toBe(500);
    expect(outlinePath(looks[499].outline, 38)).toMatch(/^M/);
  });
});

it("calls a format by the alias that its recipe is written by, else by its base", () => {
  const { recipes } = expandSweep(
    parseSweep("rht(64,seed=1)+mxfp4~mx(even);nvfp4@sr(seed=1);int4(asym)/64:f16;ht(16)+e2m1/32;q4_k;e4m3"),
  );
  expect(recipes.map(({ text, parts }) => formatNameOf(text, parts))).toEqual([
    "mxfp4",
    "nvfp4",
    "int4(asym)",
    "e2m1",
    "q4_k",
    "e4m3",
  ]);
});
