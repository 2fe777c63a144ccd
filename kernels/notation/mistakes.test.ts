import { describe, expect, it } from "vitest";
import { RecipeError } from "../grammar/errors.ts";
import { MAX_DEPTH, MAX_TEXT, type NotationOptions, parseRecipe } from "./index.ts";
import { testVocabulary } from "./testing.ts";

function mistake(text: string, options?: NotationOptions): { column: number | null; message: string } {
  try {
    parseRecipe(text, options);
  } catch (error) {
    if (error instanceof RecipeError) return { column: error.column, message: error.message };
    throw error;
  }
  throw new Error(`${text} was read`);
}

const TERM = "expected a format, an alias or a step";
const BLOCK = "expected a block: N, RxC, row, col, tensor or flat(N)";
const SIZE = "expected a whole number from 1 to 2147483648";
const ORDER = "a quantizer is written base@rounding/block~rule:scale";

describe("a mistake has its column and what was expected there", () => {
  it.each([
    // Names
    ["", 1, `the recipe is empty: ${TERM}, such as int4/128 or mxfp4`],
    ["int9", 1, `unknown name "int9": ${TERM}; did you mean "int8"?`],
    ["Int4", 1, `unknown name "Int4": ${TERM}; did you mean "int4"?`],
    ["nvpf4/32", 1, `unknown name "nvpf4": ${TERM}; did you mean "nvfp4"?`],
    ["nosuchstep(0.005)+int4/64", 1, `unknown name "nosuchstep": ${TERM}`],
    ["sparsegpt(damp=0.01)+int4/128", 1, `unknown name "sparsegpt": ${TERM}`],
    ["mxfp4+residual(32,factors=(int8/row))", 7, 'unknown name "residual": expected a step'],
    ["q4_z", 1, `unknown name "q4_z": ${TERM}; did you mean "q4_k"?`],
    ["q4_k/32", 5, '"q4_k" brings its own blocks, scales and rounding: nothing may be set after it'],
    ["q4_k@away", 5, '"q4_k" brings its own blocks, scales and rounding: nothing may be set after it'],
    ["int4/32:q8_0", 9, '"q8_0" quantizes tensors, not scales'],
    ["int4@rnd", 6, 'unknown name "rnd": expected a rounding; did you mean "rne"?'],
    ["int4/8:int9", 8, 'unknown name "int9": expected a format or an alias; did you mean "int8"?'],
    // The wrong kind of name
    ["sr", 1, `"sr" is a rounding and follows "@": ${TERM}`],
    ["pct(99)", 1, `"pct" is a scale rule and follows "~": ${TERM}`],
    ["int4@int4", 6, '"int4" is a format: expected a rounding'],
    ["int4/8~sr", 8, '"sr" is a rounding and follows "@": expected a scale rule'],
    ["int4/8:rht(4)", 8, '"rht" is a step: expected a format or an alias'],
    ["int4(zp=sr)", 9, '"sr" is a rounding and follows "@": expected a format or an alias'],
    // Steps and quantizers
    ["int4+int4", 6, 'a recipe has one quantizer, and "int4" is a second: expected a step'],
    ["rht(128)+rht(64)", 17, 'a recipe needs a quantizer: expected "+" and a format or an alias after its steps'],
    ["int4/64+ht(4)", 9, '"ht" acts on the input: it stands before the quantizer, as ht...+format'],
    ["int4+", 6, "the text ends here: expected a step"],
    ["+int4", 1, `unexpected "+": ${TERM}`],
    // Parts
    ["int4/64/64", 8, `unexpected "/": expected "~", ":", "+" or the end; ${ORDER}`],
    ["int4/128@sr", 9, `unexpected "@": expected "~", ":", "+" or the end; ${ORDER}`],
    ["int4@sr@sr", 8, `unexpected "@": expected "/", "+" or the end; ${ORDER}`],
    ["int4@", 6, "the text ends here: expected a rounding"],
    ["int4/8~", 8, "the text ends here: expected a scale rule"],
    ["int4/8:", 8, "the text ends here: expected a format or an alias"],
    ["e4m3~mx", 5, 'without a block there is no scale: expected "/" and a block before this'],
    ["e4m3:f16", 5, 'without a block there is no scale: expected "/" and a block before this'],
    // Blocks
    ["int4/", 6, `the text ends here: ${BLOCK}`],
    ["int4/0", 6, `a block of 0 is out of range: ${SIZE}`],
    ["int4/9999999999", 6, `a block of 9999999999 is out of range: ${SIZE}`],
    ["int4/8x0", 8, `a block of 0 is out of range: ${SIZE}`],
    ["int4/8x", 8, `the text ends here: ${SIZE}`],
    ["int4/-1", 6, `unexpected "-": ${BLOCK}`],
    ["int4/rwo", 6, `"rwo" is no block: ${BLOCK}; did you mean "row"?`],
    ["int4/flat", 10, 'the text ends here: expected "(" and the elements of a block, as flat(64)'],
    ["int4/flat(8", 12, 'the text ends here: expected ")"'],
    // Brackets and what follows
    ["int4(half", 10, 'the text ends here: expected "," or ")" for the bracket opened at column 5'],
    ["int4(half))/64", 11, 'unexpected ")": expected "@", "/", "+" or the end'],
    ["int4/12)", 8, 'unexpected ")": expected "~", ":", "+" or the end'],
    ["int4/64 ", 8, 'a recipe has no spaces: expected "~", ":", "+" or the end'],
    ["int4/64#", 8, 'unexpected "#": expected "~", ":", "+" or the end'],
    ["int4/64\u{1f600}", 8, 'unexpected "\u{1f600}": expected "~", ":", "+" or the end'],
    ["int4()", 6, 'unexpected ")": expected an option of "int4"'],
    ["int4@up(3)", 8, '"up" takes no arguments'],
    [
      "int4(asym,zp=(int8/row",
      23,
      'the text ends here: expected "~", ":", "+" or ")" for the bracket opened at column 14',
    ],
    ["int4(asym,zp=(int8)/64", 20, 'unexpected "/": expected "," or ")" for the bracket opened at column 5'],
    // Arguments
    [
      "e2m1(foo=1)",
      6,
      '"e2m1" has no option "foo": expected bias, top, sat, zero, nonfinite, arith, reach, least or offset',
    ],
    ["int4@sr(sed=1)", 9, '"sr" has no option "sed": expected bits or seed; did you mean "seed"?'],
    ["mxfp4~mx(evn)", 10, '"mx" has no option "evn": expected floor, ceil, even, rceil or how=; did you mean "even"?'],
    ["int4(sat=nen)", 10, '"nen" does not fit sat=: expected clamp, nan or inf; did you mean "nan"?'],
    ["int4(half,range=full)", 11, '"int4" has range twice: expected it once'],
    ["int4@sr(seed=1,seed=2)", 16, '"sr" has seed twice: expected it once'],
    ["e2m1(nan)", 6, '"nan" belongs to top= and sat=: expected one of these before it'],
    ["int4@sr(1)", 9, '"sr" takes no number without a key: expected bits= or seed='],
    ["rht(128,2)+int4", 9, '"rht" takes no further number without a key: expected n= or seed='],
    ["int4@sr(bits=33)", 14, "33 does not fit bits=: expected a whole number from 1 to 32"],
    ["int4@sr(seed=-1)", 14, "-1 does not fit seed=: expected a whole number from 0 to 4294967295"],
    ["int4@sr(seed=1.5)", 14, "1.5 does not fit seed=: expected a whole number from 0 to 4294967295"],
    ["int4(zero=none)", 11, '"none" does not fit zero=: expected ideal, min or a number of at least 0'],
    ["int4/64~pct(101)", 13, "101 does not fit p=: expected a number from 0 to 100"],
    ["ht+int4", 3, '"ht" needs n: expected "(" and a whole number from 2 to 1048576'],
    ["codebook", 9, '"codebook" needs values: expected "(" and numbers'],
    ["codebook(sat=nan)", 17, '"codebook" needs values: expected numbers'],
    ["rht(seed=1)+int4", 11, '"rht" needs n: expected a whole number from 2 to 1048576'],
    // Arguments that change nothing
    [
      "e2m1/32:e4m3(sat=nan)",
      14,
      "sat= changes nothing on a stored scale: write it after the element's format, or leave it out",
    ],
    [
      "e2m1/32:f16(inf)",
      13,
      "sat= changes nothing on a stored scale: write it after the element's format, or leave it out",
    ],
    [
      "int4/32:f16(nonfinite=poison)/row",
      13,
      "nonfinite= changes nothing on a stored scale: write it after the element's format, or leave it out",
    ],
    [
      "e2m1/16:e4m3(least=1,arith=torchao)/tensor",
      22,
      "arith= changes nothing on a stored scale: write it after the element's format, or leave it out",
    ],
    [
      "int4(least=0.1)/32:f16",
      6,
      "least= changes nothing on an element: write it after the format of a scale, as in :f16(least=...), or leave it out",
    ],
    [
      "nf4(offset=mean)",
      5,
      "offset= changes nothing on an element: write it after the format of a scale, as in :f16(offset=...), or leave it out",
    ],
    [
      "e4m3(zero=1)",
      6,
      "zero= changes nothing without a block and its scale: give e4m3 a block, as in /32, or leave it out",
    ],
    [
      "rht(4,seed=1)+e4m3(poison)",
      20,
      "nonfinite= changes nothing without a block and its scale: give e4m3 a block, as in /32, or leave it out",
    ],
    ["int4(zp=int8)/32", 6, "zp= changes nothing without asym: write int4(asym,zp=...) or leave it out"],
    ["int4(half,zp=int8)/32:f16", 11, "zp= changes nothing without asym: write int4(asym,zp=...) or leave it out"],
    [
      "int4/8:modelopt_nvfp4",
      8,
      "zero= changes nothing on a stored scale: write it after the element's format, or leave it out",
    ],
    // Numbers
    ["codebook(0,1e-7)", 13, "a number has no exponent: write 0.0000001"],
    ["codebook(0,1e99)", 13, "a number has no exponent"],
    ["codebook(--1)", 10, 'unexpected "-": expected a number in decimal digits'],
    [`codebook(${"9".repeat(400)})`, 10, "this number is too large for a double"],
  ])("%s", (text, column, message) => expect(mistake(text)).toEqual({ column, message }));

  it("a long name is cut in the message", () => {
    expect(mistake("x".repeat(1000)).message).toBe(`unknown name "${"x".repeat(39)}…": ${TERM}`);
  });
});

describe("a remedy that a message names can be taken", () => {
  const remedies = (text: string) => {
    try {
      parseRecipe(text);
    } catch (error) {
      if (error instanceof RecipeError) return error.remedies;
    }
    throw new Error(`${text} was read`);
  };

  it.each([
    ["int9/64", "use int8", "int8/64"],
    ["rht(16,seed=1)+nvpf4", "use nvfp4", "rht(16,seed=1)+nvfp4"],
    ["int4@rnd/64", "use rne", "int4@rne/64"],
    ["int4/rwo", "use row", "int4/row"],
    ["int4@sr(sed=1)", "use seed", "int4@sr(seed=1)"],
    ["mxfp4~mx(evn)", "use even", "mxfp4~mx(even)"],
    ["e2m1/32:e4m3(sat=nan)", "leave out sat=", "e2m1/32:e4m3"],
    ["int4(half,zp=int8)/32:f16", "leave out zp=", "int4(half)/32:f16"],
    ["e2m1/16:e4m3(least=1,arith=torchao)/tensor", "leave out arith=", "e2m1/16:e4m3(least=1)/tensor"],
    ["int4(least=0.1,half)/32", "leave out least=", "int4(half)/32"],
    // What other tools call by a name that is near to another thing here.
    ["int4/32~max", "use absmax", "int4/32~absmax"],
    ["int4@rna/32", "use away", "int4@away/32"],
    ["e2m1/32~ceil:e8m0", "use mx(ceil)", "e2m1/32~mx(ceil):e8m0"],
    ["e2m1/32~mx(rcel):e8m0", "use rceil", "e2m1/32~mx(rceil):e8m0"],
    ["int4(sat=nen)", "use nan", "int4(sat=nan)"],
    ["codebook(0,1e-2,2)/64", "use 0.01", "codebook(0,0.01,2)/64"],
    ["int4 / 64", "remove spaces", "int4/64"],
  ])("%s", (text, label, recipe) => expect(remedies(text)).toEqual([{ label, recipe }]));

  it.each(["", "nosuchstep(0.005)+int4/64", "int4/64/64", "int4/0", "int4@sr(bits=33)", "e4m3~mx", "codebook(0,1e99)"])(
    "%s has none",
    (text) => expect(remedies(text)).toEqual([]),
  );
});

describe("limits", () => {
  const message = `nested too deep: expected at most ${MAX_DEPTH} levels of scales and brackets`;
  const levels = (n: number) => "int4/8:".repeat(n);

  it(`a text has at most ${MAX_TEXT} characters`, () => {
    const long = `codebook(0${",1".repeat(2042)})`;
    expect(long.length).toBe(4095);
    expect(() => parseRecipe(long)).not.toThrow();
    expect(mistake(`${long}/4`)).toEqual({
      column: MAX_TEXT + 1,
      message: "a recipe has at most 4096 characters, and this has 4097",
    });
  });

  it(`scales and brackets nest ${MAX_DEPTH} deep`, () => {
    expect(() => parseRecipe(`${levels(MAX_DEPTH)}f16`)).not.toThrow();
    expect(mistake(`${levels(MAX_DEPTH + 1)}f16`)).toEqual({ column: 7 * (MAX_DEPTH + 1) + 1, message });
    expect(mistake(`${"int4(zp=(".repeat(MAX_DEPTH + 1)}int4`)).toEqual({ column: 9 * (MAX_DEPTH + 1), message });
    expect(mistake(`${levels(500)}f16`).message).toBe(message);
  });

  it("a scale that an alias brought may be taken back at the last level", () => {
    expect(parseRecipe(`${levels(MAX_DEPTH)}nvfp4:f32`)).toEqual(parseRecipe(`${levels(MAX_DEPTH)}e2m1/16`));
    expect(mistake(`${levels(MAX_DEPTH)}nvfp4:f16`)).toEqual({ column: 7 * MAX_DEPTH + 7, message });
    expect(mistake(`${levels(MAX_DEPTH)}nvfp4`)).toEqual({
      column: 1,
      message: "nested too deep with what the aliases hold: expected at most 16 levels",
    });
  });
});

describe("with steps and aliases of other kinds", () => {
  it.each([
    ["fixup(4)+int4", 1, '"fixup" corrects the result: it stands after the quantizer, as format+fixup...'],
    ["int4/64:turned", 9, '"turned" has steps, and a scale can have none: expected a format'],
    [
      "int4/8:loop",
      8,
      'the alias "loop" cannot be read: the alias "pool" cannot be read: the alias "loop" is written in terms of itself',
    ],
    ["side(0.5)+int4", 9, '"side" needs with: expected a format, an alias or a recipe in parentheses'],
  ])("%s", (text, column, message) => {
    const loop = { name: "loop", text: "pool/32", describe: "" };
    const pool = { name: "pool", text: "loop:f16", describe: "" };
    const vocabulary = { ...testVocabulary, aliases: [...testVocabulary.aliases, loop, pool] };
    expect(mistake(text, { vocabulary })).toEqual({ column, message });
  });
});
