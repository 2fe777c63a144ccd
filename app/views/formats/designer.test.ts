import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ladderOf } from "../../../kernels/formats/ladder.ts";
import { buildFormat } from "../../../kernels/formats/registry.ts";
import type { CodedFormat } from "../../../kernels/formats/types.ts";
import { parseRecipe, printRecipe } from "../../../kernels/notation/index.ts";
import {
  callOfDesign,
  designOf,
  type FloatDesign,
  integerRanges,
  ofKind,
  topsOf,
  usualBias,
  withElement,
  withFloat,
  withInteger,
} from "./designer.ts";

const read = (text: string) => designOf(parseRecipe(text).quantizer.base);
const print = (text: string, change: Partial<FloatDesign>) => {
  const call = parseRecipe(text).quantizer.base;
  return withElement(text, callOfDesign(withFloat(designOf(call) as FloatDesign, change), call), {});
};

describe("a design", () => {
  it("is read from names and options, and printed as the shortest text", () => {
    for (const text of [
      "e2m1",
      "e4m3",
      "e4m3fnuz",
      "e5m2(bias=12)",
      "f16",
      "bf16",
      "ue4m3",
      "e3m2(bias=4,top=nan)",
      "int4",
      "int4(asym)",
      "int8(frac=6)",
      "uint3",
      "int2(signmax)",
    ]) {
      const call = callOfDesign(read(text)!);
      expect(printRecipe({ before: [], quantizer: { ...parseRecipe("e2m1").quantizer, base: call }, after: [] })).toBe(
        text,
      );
    }
    for (const text of ["nf4", "e8m0", "f32", "q4_k", "bipolar3", "codebook(-1,1)"]) expect(read(text)).toBeNull();
  });
  it("follows a slider: a usual bias stays usual, one's own stays", () => {
    expect(print("e2m1", { exponentBits: 3 })).toBe("e3m1");
    expect(print("e2m1(bias=4)", { exponentBits: 3 })).toBe("e3m1(bias=4)");
    expect(print("e4m3", { bias: 8 })).toBe("e4m3(bias=8)");
    expect(print("e4m3", { top: "fnuz" })).toBe("e4m3fnuz");
    expect(print("e4m3", { top: "none" })).toBe("e4m3(top=none)");
    expect(print("e5m2", { mantissaBits: 10 })).toBe("f16");
    expect(print("e4m3", { signed: false })).toBe("ue4m3");
    expect(print("e4m3fnuz", { signed: false })).toBe("ue4m3(top=none)");
  });
  it("keeps what else a recipe says", () => {
    expect(print("e4m3(sat=nan)@away/32:e8m0", { mantissaBits: 2 })).toBe("e4m2(top=nan,sat=nan)@away/32:e8m0");
    expect(print("mxfp4", { mantissaBits: 3 })).toBe("mxfp6");
  });
  it("never becomes what the notation has no name for", () => {
    const start = fc.constantFrom("e2m1", "e1m0", "e0m1", "e4m3fnuz", "e5m2", "ue5m3", "e3m0(top=ieee)");
    const change = fc.oneof(
      fc.record({ exponentBits: fc.integer({ min: 0, max: 8 }) }),
      fc.record({ mantissaBits: fc.integer({ min: 0, max: 10 }) }),
      fc.record({ bias: fc.integer({ min: -40, max: 140 }) }),
      fc.record({ signed: fc.boolean() }),
    );
    fc.assert(
      fc.property(start, fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat(), (text, changes, pick) => {
        let design = read(text) as FloatDesign;
        for (const c of changes) design = withFloat(design, c);
        const tops = topsOf(design);
        design = withFloat(design, { top: tops[pick % tops.length] });
        const printed = withElement("e2m1", callOfDesign(design), {});
        expect(read(printed)).toEqual(design);
      }),
      { numRuns: 500 },
    );
    for (const range of integerRanges)
      for (let bits = 1; bits <= 8; bits++) {
        const design = withInteger({ kind: "integer", bits: 4, range: "narrow", frac: 3 }, { bits, range });
        expect(read(withElement("int4", callOfDesign(design), {}))).toEqual(design);
      }
  });
  it("changes its kind with its bits, and to a table with its levels", () => {
    const nf4 = buildFormat(parseRecipe("nf4").quantizer.base) as CodedFormat;
    expect(ofKind("float", nf4, [])).toEqual({ name: "e2m1", args: [] });
    expect(ofKind("integer", nf4, [])).toEqual({ name: "int4", args: [] });
    const table = buildFormat(ofKind("table", nf4, Array.from(ladderOf(nf4).levels))) as CodedFormat;
    expect(ladderOf(table).levels).toEqual(ladderOf(nf4).levels);
  });
  it("knows the usual biases", () => {
    expect([usualBias({ exponentBits: 4, top: "nan" }), usualBias({ exponentBits: 4, top: "fnuz" })]).toEqual([7, 8]);
    expect(usualBias({ exponentBits: 0, top: "none" })).toBe(0);
  });
});
