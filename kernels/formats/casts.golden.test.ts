import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseRecipe } from "../notation/index.ts";
import { quantizeText } from "../testing/matrix.ts";
import { sharedFile } from "../testing/shared.ts";
import { decode } from "./codes.ts";
import { buildFormat } from "./registry.ts";
import type { CodedFormat } from "./types.ts";

/**
 * Casts of ml_dtypes: nearest even, not saturating. NaN is NaN whatever its bits. Particular to the library, left out
 * here and counted so that nothing else slips out with them: its 6- and 4-bit types, which saturate, make NaN a negative
 * zero; its E8M0 has answers for zero and negative numbers, and rounds all between 2^-127 and 1.5 * 2^-127, float32
 * subnormals, up.
 */
const isNaNInput = (x: number) => Number.isNaN(x);
const notForE8m0 = (x: number) => x <= 0 || (x > 2 ** -127 && x < 1.5 * 2 ** -127);
const casts: {
  type: string;
  recipe: string;
  leftOut?: (x: number) => boolean;
  counts?: { bf16: number; f32: number };
}[] = [
  { type: "float8_e4m3fn", recipe: "e4m3(sat=inf)" },
  { type: "float8_e4m3fnuz", recipe: "e4m3fnuz(sat=inf)" },
  { type: "float8_e4m3b11fnuz", recipe: "e4m3b11fnuz(sat=inf)" },
  { type: "float8_e4m3", recipe: "e4m3ieee(sat=inf)" },
  { type: "float8_e3m4", recipe: "e3m4ieee(sat=inf)" },
  { type: "float8_e5m2", recipe: "e5m2(sat=inf)" },
  { type: "float8_e5m2fnuz", recipe: "e5m2fnuz(sat=inf)" },
  { type: "float8_e8m0fnu", recipe: "e8m0(sat=nan)", leftOut: notForE8m0, counts: { bf16: 32673, f32: 34179 } },
  { type: "float6_e2m3fn", recipe: "e2m3", leftOut: isNaNInput, counts: { bf16: 254, f32: 119 } },
  { type: "float6_e3m2fn", recipe: "e3m2", leftOut: isNaNInput, counts: { bf16: 254, f32: 119 } },
  { type: "float4_e2m1fn", recipe: "e2m1", leftOut: isNaNInput, counts: { bf16: 254, f32: 119 } },
  { type: "bfloat16", recipe: "bf16(sat=inf)" },
  { type: "float16", recipe: "f16(sat=inf)" },
];

interface Index {
  files: Record<string, { offset: number; dtype: "float32" | "uint8" | "uint16"; length: number }>;
}

const [indexFile, dataFile] = [sharedFile("golden/casts.json"), sharedFile("golden/casts.bin")];

function array(index: Index, data: Buffer, name: string) {
  const { offset, dtype, length } = index.files[name];
  const types = { float32: Float32Array, uint8: Uint8Array, uint16: Uint16Array };
  const bytes = data.subarray(offset, offset + length * types[dtype].BYTES_PER_ELEMENT);
  return new types[dtype](new Uint8Array(bytes).buffer);
}

describe.skipIf(!indexFile || !dataFile)("casts of all inputs of golden/casts.bin (skipped where it is absent)", () => {
  const index: Index = indexFile ? JSON.parse(readFileSync(indexFile, "utf8")) : { files: {} };
  const data = dataFile ? readFileSync(dataFile) : Buffer.alloc(0);

  describe.each(["bf16", "f32"] as const)("encode_%s", (inputs) => {
    // There is no list of float16's answers to bfloat16.
    const listed = casts.filter(({ type }) => !(type === "float16" && inputs === "bf16"));
    it.each(listed)("$type is $recipe", async ({ type, recipe, leftOut, counts }) => {
      const x = array(index, data, inputs === "bf16" ? "inputs_bf16_as_f32" : "inputs_f32") as Float32Array;
      const wanted = array(index, data, `${type}/encode_${inputs}`);
      const format = buildFormat(parseRecipe(recipe).quantizer.base) as CodedFormat;
      const { codes } = await (await quantizeText(recipe, x, 1, x.length)).rows(0, 1);
      const wrong: string[] = [];
      let out = 0;
      for (let i = 0; i < x.length; i++) {
        if (leftOut?.(x[i])) {
          out++;
          continue;
        }
        const bothNaN = Number.isNaN(decode(format, wanted[i])) && Number.isNaN(decode(format, codes![i]));
        if (codes![i] !== wanted[i] && !bothNaN) wrong.push(`${x[i]}: ${codes![i]}, wanted ${wanted[i]}`);
      }
      expect({ wrong: wrong.slice(0, 5), of: wrong.length }).toEqual({ wrong: [], of: 0 });
      expect(out).toBe(counts?.[inputs] ?? 0);
    });
  });
});
