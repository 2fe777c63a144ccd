import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecipeError } from "../grammar/errors.ts";
import { printNumber } from "../grammar/number.ts";
import { arbitraryRecipe } from "./arbitrary.ts";
import {
  canonical,
  complete,
  legalInFragment,
  normalizeRecipe,
  parseDefinition,
  parseModelRecipe,
  parseRecipe,
  printModelRecipe,
  printRecipe,
} from "./index.ts";
import { testVocabulary } from "./testing.ts";

for (const [which, options] of [
  ["the registered names", {}],
  ["names with corrections, required recipes and aliases that hold steps", { vocabulary: testVocabulary }],
] as const) {
  describe(`any recipe of ${which}`, () => {
    const recipes = arbitraryRecipe(options);

    it("is read back from its text to the same tree", () => {
      fc.assert(
        fc.property(recipes, (tree) => {
          const text = printRecipe(tree, options);
          expect(parseRecipe(text, options)).toEqual(tree);
          expect(canonical(text, options)).toBe(text);
          expect(legalInFragment(text)).toBe(true);
        }),
        { numRuns: 2000 },
      );
    });

    it("is normalized once and for all", () => {
      fc.assert(
        fc.property(recipes, (tree) => {
          expect(normalizeRecipe(tree, options)).toEqual(tree);
        }),
      );
    });

    it("cut anywhere or with a character changed gives a tree or an error with its column", () => {
      const character = fc.constantFrom(..."+()=@/~:;,.-0157xeimnaf_% \u{1f600}é");
      fc.assert(
        fc.property(
          recipes,
          fc.nat(),
          fc.nat(2),
          fc.string({ unit: character, maxLength: 3 }),
          (tree, at, cut, extra) => {
            const text = printRecipe(tree, options);
            const place = at % (text.length + 1);
            expectTreeOrColumn(text.slice(0, place) + extra + text.slice(place + cut), options);
          },
        ),
        { numRuns: 2000 },
      );
    });

    it("completes at every cursor with text that fits the part it replaces", () => {
      fc.assert(
        fc.property(recipes, fc.nat(), (tree, at) => {
          const text = printRecipe(tree, options);
          const cursor = at % (text.length + 1);
          const { from, to, options: offered } = complete(text, cursor, [], options);
          expect(from).toBeGreaterThanOrEqual(0);
          expect(from).toBeLessThanOrEqual(cursor);
          expect(to).toBeGreaterThanOrEqual(cursor);
          expect(to).toBeLessThanOrEqual(text.length);
          for (const option of offered) expect(option.text).not.toBe("");
        }),
      );
    });
  });
}

function expectTreeOrColumn(text: string, options: Parameters<typeof parseRecipe>[1] = {}) {
  try {
    const tree = parseRecipe(text, options);
    expect(parseRecipe(printRecipe(tree, options), options)).toEqual(tree);
  } catch (error) {
    expect(error).toBeInstanceOf(RecipeError);
    const { column, message } = error as RecipeError;
    expect(column, message).toBeGreaterThanOrEqual(1);
    expect(column, message).toBeLessThanOrEqual(text.length + 1);
    expect(message).not.toContain("undefined");
  }
}

describe("random text", () => {
  it("never fails with anything but a RecipeError inside the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (text) => expectTreeOrColumn(text)),
      { numRuns: 2000 },
    );
  });

  it("of the notation's own words never does either", () => {
    const words =
      "int4 e2m1 nvfp4 mxfp4 rht sr rne mx even absmax row flat 64 128x8 -0.5 ( ) , = + @ / ~ : seed sat nan zp asym";
    const piece = fc.constantFrom(...words.split(" "));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => expectTreeOrColumn(pieces.join(""))),
      { numRuns: 5000 },
    );
  });
});

describe("definitions, model recipes and completion", () => {
  const words = "my4 int4 nvfp4 *norm* * ? := = ; codebook ( 1 , -0.5 ) /64 :f16 @sr rht + ~mx é".split(" ");
  const texts = fc.array(fc.constantFrom(...words, " "), { maxLength: 10 }).map((pieces) => pieces.join(""));

  it("fail on random text with nothing but a RecipeError inside it", () => {
    const definitions = [parseDefinition("my4:=codebook(-1,0,1)")];
    fc.assert(
      fc.property(texts, fc.nat(40), (text, cursor) => {
        for (const read of [parseDefinition, parseModelRecipe]) {
          try {
            read(text, { definitions });
          } catch (error) {
            expect(error).toBeInstanceOf(RecipeError);
            expect((error as RecipeError).column).toBeGreaterThanOrEqual(1);
            expect((error as RecipeError).column).toBeLessThanOrEqual(text.length + 1);
          }
        }
        expect(() => complete(text, cursor, definitions)).not.toThrow();
      }),
      { numRuns: 3000 },
    );
  });

  it("of model recipes are read back from their text", () => {
    const pattern = fc.string({ unit: fc.constantFrom(..."*?.ab/_:-0"), minLength: 1, maxLength: 8 });
    const rules = fc.array(fc.record({ pattern, recipe: arbitraryRecipe({ levels: 1 }) }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(rules, (list) => {
        expect(parseModelRecipe(printModelRecipe(list))).toEqual(list);
      }),
    );
  });
});

describe("printNumber", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [0.5, "0.5"],
    [-1e-7, "-0.0000001"],
    [1.25e-9, "0.00000000125"],
    [1e21, "1000000000000000000000"],
    [-1.5e22, "-15000000000000000000000"],
    [123456789012345680000, "123456789012345680000"],
  ])("writes %d as %s", (value, text) => expect(printNumber(value)).toBe(text));

  it("writes every finite double so that it reads back, in digits, sign and point alone", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = printNumber(value);
        expect(text).toMatch(/^-?[0-9]+(\.[0-9]+)?$/);
        expect(Number(text)).toBe(value + 0);
      }),
      { numRuns: 5000 },
    );
  });
});
