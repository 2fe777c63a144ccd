import { describe, expect, it } from "vitest";
import { errorCurve, factsOf, specialCodes } from "./facts.ts";
import { bitsOf, codesOf, readFormat, specialty, toggleBit, valueOfCode } from "./readFormat.ts";

const read = (text: string) => readFormat(text).format!;
const fact = (text: string, name: string) => factsOf(read(text)).find((f) => f.name === name)?.text;

describe("readFormat", () => {
  it("takes names, arguments and the element of a recipe", () => {
    expect(read("e4m3")).toMatchObject({ kind: "float", bits: 8 });
    expect(read("e2m3(bias=2)")).toMatchObject({ bias: 2 });
    expect(read("nvfp4")).toMatchObject({ name: "e2m1" });
    expect(readFormat("e2m3(bias=2)")).toMatchObject({ elements: null });
    expect(readFormat("rht(64,seed=0)+e2m3(bias=2)/32")).toMatchObject({ elements: "e2m3(bias=2)" });
  });
  it("says what is wrong with the rest", () => {
    expect(readFormat("e4m").problem).toContain("e4m");
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
});

describe("errorCurve", () => {
  it("is half a unit in the last place over normal numbers, and all of the value below the least", () => {
    const curve = errorCurve(read("e4m3"), -2, 2, 4);
    // The worst of an octave stands half-way above a power of two: (1/16) / (17/16).
    for (const e of curve) expect(e).toBeCloseTo(1 / 17, 12);
    expect(errorCurve(read("e4m3"), -20, -19, 2)[0]).toBe(1);
  });
  it("grows beyond the largest value", () => {
    expect(errorCurve(read("e2m1"), 3, 4, 1)[0]).toBeCloseTo(10 / 16);
  });
  it("knows float32 without its levels", () => {
    expect([...errorCurve(read("f32"), 0, 1, 1)]).toEqual([2 ** -24]);
  });
});
