import { describe, expect, it } from "vitest";
import { RecipeError } from "../grammar/errors.ts";
import { canonical, parseDefinition, parseRecipe, printDefinition, printRecipe } from "./index.ts";

const my4 = parseDefinition("my4:=codebook(-1,-0.35,0,0.35,1)");
const definitions = [my4];

describe("a definition", () => {
  it("is a name and a format with its arguments", () => {
    expect(parseDefinition("third:=e2m3(bias=2,sat=clamp)")).toEqual({
      name: "third",
      base: { name: "e2m3", args: [{ key: "bias", value: { type: "number", value: 2 } }] },
    });
    expect(printDefinition(my4)).toBe("my4:=codebook(-1,-0.35,0,0.35,1)");
    expect(parseDefinition(printDefinition(my4))).toEqual(my4);
  });

  it("may be made of an earlier one, and is written without it", () => {
    const strict = parseDefinition("strict4:=my4(sat=nan)", { definitions });
    expect(printDefinition(strict)).toBe("strict4:=codebook(-1,-0.35,0,0.35,1,sat=nan)");
  });

  it("stands where a format may: in the base, in a scale, in an argument", () => {
    const long = "codebook(-1,-0.35,0,0.35,1)";
    for (const text of ["my4/64:f16", "int4/64:my4/row", "int4(asym,zp=my4)/64"]) {
      expect(parseRecipe(text, { definitions })).toEqual(parseRecipe(text.replace("my4", long)));
      expect(canonical(text.replace("my4", long), { definitions })).toBe(text);
    }
  });

  it("is overridden by what follows, as an alias is", () => {
    expect(canonical("my4(sat=nan)@up/64", { definitions })).toBe("my4(sat=nan)@up/64");
    expect(canonical("my4(0,1)/64", { definitions })).toBe("my4(0,1)/64");
    expect(parseRecipe("my4(0,1)/64", { definitions })).toEqual(parseRecipe("codebook(0,1)/64"));
  });

  it("is not needed to read a canonical text that was printed without it", () => {
    const tree = parseRecipe("my4/64", { definitions });
    expect(parseRecipe(printRecipe(tree))).toEqual(tree);
  });

  it.each([
    ["", 1, "the text ends here: expected name:=format, such as my4:=codebook(-1,0,1)"],
    ["4my:=int4", 1, 'unexpected "4": expected name:=format, such as my4:=codebook(-1,0,1)'],
    ["my=int4", 3, 'unexpected "=": expected ":=" after the name'],
    ["my:int4", 4, 'unexpected "i": expected ":=" after the name'],
    ["int4:=e4m3", 1, '"int4" is a format already: expected a name of its own'],
    ["ue2m5:=e4m3", 1, '"ue2m5" is a format already: expected a name of its own'],
    ["nvfp4:=e4m3", 1, '"nvfp4" is an alias already: expected a name of its own'],
    ["sr:=e4m3", 1, '"sr" is a rounding already: expected a name of its own'],
    ["my4:=e4m3", 1, '"my4" is a definition already: expected a name of its own'],
    ["my:=e4m4x", 5, 'unknown name "e4m4x": expected a format; did you mean "e4m3"?'],
    ["my:=nvfp4", 5, '"nvfp4" is an alias: expected a format'],
    ["my:=int4/64", 9, 'unexpected "/": expected "(" or the end; a definition names a format alone'],
    ["my:=codebook(1", 15, 'the text ends here: expected "," or ")" for the bracket opened at column 13'],
    [`${"n".repeat(65)}:=int4`, 65, "a name has at most 64 characters"],
    [`my:=codebook(${"1,".repeat(3000)}1)`, 4097, "a definition has at most 4096 characters, and this has 6015"],
  ])("%s is refused", (text, column, message) => {
    try {
      parseDefinition(text, { definitions });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RecipeError);
      expect((error as RecipeError).message).toBe(message);
      expect((error as RecipeError).column).toBe(column);
    }
  });

  it("with a name that could not be read is not written", () => {
    expect(() => printDefinition({ ...my4, name: "a b" })).toThrow('"a b" cannot be the name of a definition');
  });
});
