import { describe, expect, it } from "vitest";
import { decode } from "../../../kernels/formats/codes.ts";
import type { CodedFormat } from "../../../kernels/formats/index.ts";
import { parseDefinition } from "../../../kernels/notation/index.ts";
import { factsOf, specialCodes } from "./facts.ts";
import { bitsOf, codesOf, readFormat, specialty, toggleBit, valueOfCode } from "./readFormat.ts";

const read = (text: string) => readFormat(text).shown!.format;
const fact = (text: string, name: string) => factsOf(readFormat(text).shown!).find((f) => f.name === name)?.text;

describe("readFormat", () => {
  it("takes names, arguments and the element of a recipe", () => {
    expect(read("e4m3")).toMatchObject({ kind: "float", bits: 8 });
    expect(read("e2m3(bias=2)")).toMatchObject({ bias: 2 });
    expect(read("nvfp4")).toMatchObject({ name: "e2m1" });
    expect(readFormat("e2m3(bias=2)").shown).toMatchObject({ elements: null });
    expect(readFormat("e2m3@trunc").shown).toMatchObject({ elements: null, rounded: { mode: "trunc" } });
    expect(readFormat("rht(64,seed=0)+e2m3(bias=2)/32").shown).toMatchObject({ elements: "e2m3(bias=2)" });
    const mine = parseDefinition("mine:=codebook(-1,0,2)");
    expect(readFormat("mine", [mine]).shown?.rounded?.ladder.levels).toEqual(Float64Array.of(-1, 0, 2));
  });
  it("says what is wrong with the rest", () => {
    expect(readFormat("e4m").mistake).toMatchObject({ message: expect.stringContaining("e4m"), column: 1 });
    expect(readFormat("given").mistake?.message).toContain("another checkpoint");
    expect(readFormat("codebook(2,1)").mistake?.message).toContain("ascend");
  });
});

describe("codes", () => {
  it("turn one bit over", () => {
    expect(toggleBit(read("e4m3"), 0, 7)).toBe(128);
    expect(toggleBit(read("e4m3"), 255, 0)).toBe(254);
    expect(toggleBit(read("ternary"), 2, 0)).toBe(2);
  });
  it("of float32 are its bits", () => {
    const f32 = read("f32");
    expect(valueOfCode(f32, 0x3f800000)).toBe(1);
    expect(bitsOf(f32, 0x80000000)).toBe("1 00000000 00000000000000000000000");
    expect(codesOf(f32)).toBe(2 ** 32);
  });
  it("say what is special about them", () => {
    const e4m3 = read("e4m3");
    expect([0x7f, 0x80, 0x01, 0x38].map((c) => specialty(e4m3, c))).toEqual([
      "not a number",
      "negative zero",
      "subnormal",
      "",
    ]);
    expect(specialty(read("e5m2"), 0x7c)).toBe("infinity");
    expect(specialty(read("int8"), 0x80)).toBe("not used: outside the symmetric range");
  });
});

describe("facts", () => {
  it("are those of the standards", () => {
    expect(fact("e4m3", "largest")).toBe("448");
    expect(fact("e5m2", "least normal")).toBe("6.10×10⁻⁵ = 2⁻¹⁴");
    expect(fact("f16", "significand, bits")).toBe("11");
    expect(specialCodes(read("e5m2"))).toEqual({ zeros: 2, infinities: 2, nans: 6 });
    expect(specialCodes(read("e4m3fnuz"))).toEqual({ zeros: 1, infinities: 0, nans: 1 });
  });
  it("count special codes as they are decoded", () => {
    for (const text of [
      "e2m1",
      "e3m2(top=ieee)",
      "ue4m3",
      "ue3m2(top=ieee)",
      "e8m0",
      "e0m3",
      "e2m0(top=fnuz)",
      "int4",
    ]) {
      const format = read(text) as CodedFormat;
      const values = Array.from({ length: 2 ** format.bits }, (_, code) => decode(format, code));
      expect([text, specialCodes(format)]).toEqual([
        text,
        {
          zeros: values.filter((v) => v === 0).length,
          infinities: values.filter((v) => Math.abs(v) === Infinity).length,
          nans: values.filter(Number.isNaN).length,
        },
      ]);
    }
  });
});

describe("the error on a Gaussian", () => {
  const told = (text: string) => factsOf(readFormat(text).shown!).slice(-5);
  it("is told with its clip, zero points in the middle", () => {
    expect(told("e2m1").map((f) => f.text)).toEqual(["18.97", "0.01268", "2.922", "0.850", "0.224"]);
    expect(told("int4(asym)")).toEqual(told("int4(full)"));
    expect(told("e2m1@trunc")[0].text).toBe("14.17");
  });
  it("is not told where there is none, and says why", () => {
    expect(told("f32")[0]).toMatchObject({ text: "–", title: expect.stringContaining("float32") });
    expect(told("e4m3(sat=nan)")[0]).toMatchObject({ text: "–", title: expect.stringContaining("no number") });
  });
});
