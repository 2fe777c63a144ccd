import { describe, expect, it } from "vitest";
import { parseRecipe } from "../notation/index.ts";
import { codeCount, decode } from "./codes.ts";
import golden from "./decode.golden.json" with { type: "json" };
import { ladderOf } from "./ladder.ts";
import { buildFormat } from "./registry.ts";
import type { CodedFormat } from "./types.ts";

/** Our names of the types of ml_dtypes. */
const names = {
  float8_e4m3fn: "e4m3",
  float8_e4m3fnuz: "e4m3fnuz",
  float8_e4m3b11fnuz: "e4m3b11fnuz",
  float8_e4m3: "e4m3ieee",
  float8_e3m4: "e3m4ieee",
  float8_e5m2: "e5m2",
  float8_e5m2fnuz: "e5m2fnuz",
  float8_e8m0fnu: "e8m0",
  float6_e2m3fn: "e2m3",
  float6_e3m2fn: "e3m2",
  float4_e2m1fn: "e2m1",
};

const formatOf = (text: string) => buildFormat(parseRecipe(text).quantizer.base) as CodedFormat;

function bitsOf(x: number): string {
  if (Number.isNaN(x)) return "NaN";
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, x);
  return view.getUint32(0).toString(16).padStart(8, "0");
}

describe("every code decodes as ml_dtypes decodes it", () => {
  it.each(Object.entries(names))("%s is %s", (type, text) => {
    const format = formatOf(text);
    const hex = golden.decodedFloat32Bits[type as keyof typeof names];
    const wanted = Array.from({ length: hex.length / 8 }, (_, i) => hex.slice(8 * i, 8 * i + 8));
    // The 6- and 4-bit types have no code beyond their bits.
    expect(wanted.length).toBe(codeCount(format));
    const isNaNBits = (bits: string) => (Number.parseInt(bits, 16) & 0x7fffffff) > 0x7f800000;
    expect(wanted.map((_, code) => bitsOf(decode(format, code)))).toEqual(
      wanted.map((bits) => (isNaNBits(bits) ? "NaN" : bits)),
    );
  });

  it.each([
    ["int2(full)", "int2"],
    ["int4(full)", "int4"],
    ["uint2", "uint2"],
    ["uint4", "uint4"],
  ] as const)("%s has the range of %s", (text, type) => {
    const { levels } = ladderOf(formatOf(text));
    expect([levels[0], levels[levels.length - 1]]).toEqual([golden.ranges[type].min, golden.ranges[type].max]);
  });

  it("bfloat16 is the upper half of a float32", () => {
    const format = formatOf("bf16");
    for (let code = 0; code < 65536; code++) {
      const view = new DataView(new ArrayBuffer(4));
      view.setUint32(0, code * 65536);
      const wanted = view.getFloat32(0);
      if (!Object.is(decode(format, code), wanted))
        expect(`${code}: ${decode(format, code)}`).toBe(`${code}: ${wanted}`);
    }
  });
});
