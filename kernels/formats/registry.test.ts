import { expect, it } from "vitest";
import { parseRecipe } from "../notation/index.ts";
import { buildFormat, familyOf, formatEntry, formats, isAffine, ownDivisor } from "./registry.ts";

const base = (text: string) => parseRecipe(`${text}/32`).quantizer.base;

it("every format makes one of its own name, with its arguments left out", () => {
  for (const { name, params } of formats) {
    if (["codebook", "int1", "pick"].includes(name)) continue;
    expect(buildFormat({ name, args: [] }).name, name).toBe(name);
    expect(formatEntry(name)?.params, name).toBe(params);
  }
  expect(() => buildFormat({ name: "codebook", args: [] })).toThrow("two levels at least");
  expect(() => buildFormat({ name: "pick", args: [] })).toThrow("pick chooses among 2 to 16 elements");
  expect(() => buildFormat({ name: "int1", args: [] })).toThrow("int1 has no symmetric range");
});

it("names are told apart, and a float of any widths needs none of its own", () => {
  expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length);
  expect([familyOf("e3m3"), familyOf("ue2m5"), familyOf("e9m1"), familyOf("e0m0"), familyOf("toString")]).toEqual([
    "floats",
    "floats",
    undefined,
    undefined,
    undefined,
  ]);
  expect(buildFormat({ name: "e3m3", args: [] })).toMatchObject({ bits: 7, bias: 3, top: "none", signed: true });
  expect(() => buildFormat({ name: "e9m1", args: [] })).toThrow("e9m1 is not a format");
});

it("a bias and top codes of a name's own give way to those that are written", () => {
  expect(buildFormat(base("e4m3"))).toMatchObject({ bias: 7, top: "nan" });
  expect(buildFormat(base("e4m3(bias=9)"))).toMatchObject({ bias: 9, top: "nan" });
  expect(buildFormat(base("e4m3(top=none)"))).toMatchObject({ bias: 7, top: "none" });
  expect(buildFormat(base("e4m3fnuz"))).toMatchObject({ bias: 8, top: "fnuz" });
  // FNUZ frees a code at the bottom: its usual bias is one more.
  expect(buildFormat(base("e3m2(top=fnuz)"))).toMatchObject({ bias: 4, top: "fnuz" });
});

it.each([
  ["int4", 7],
  ["int4(full)", 7],
  ["int4(half)", 7.5],
  ["int4(signmax)", -8],
  ["int4(asym)", 15],
  ["int8(frac=6)", 127 / 64],
  ["int8(signmax,frac=6)", -2],
  ["uint4", null],
  ["e2m1", null],
] as const)("a clip of %s is divided by %s", (text, wanted) => {
  expect(ownDivisor(base(text))).toBe(wanted);
  expect(isAffine(base(text))).toBe(text.includes("asym"));
});
