import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { lcgValues, quantizeText } from "../../testing/matrix.ts";
import golden from "./packed.golden.json" with { type: "json" };

const [rows, cols] = [8, 1024];
const values = lcgValues(rows * cols);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (x: Float32Array) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
const lowNibbleFirst = (c: Uint32Array) =>
  Uint8Array.from({ length: c.length / 2 }, (_, i) => c[2 * i] + 16 * c[2 * i + 1]);
const highNibbleFirst = (c: Uint32Array) =>
  Uint8Array.from({ length: c.length / 2 }, (_, i) => 16 * c[2 * i] + c[2 * i + 1]);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

async function run(recipe: string) {
  const quantized = await quantizeText(recipe, values, rows, cols);
  const { codes } = await quantized.rows(0, rows);
  return { codes: codes!, scales: quantized.scales, mse: quantized.report.metrics.mse };
}

/** Recipes of the MX configurations: rceil is the plain rule with the scale rounded up. */
const elements = { mxfp4: "e2m1", mxfp8_e4m3: "e4m3", mxfp6_e2m3: "e2m3", mxfp6_e3m2: "e3m2" };
const rules = { floor: "~mx(floor):e8m0", even: "~mx(even):e8m0", rceil: ":e8m0@up", ceil: "~mx(ceil):e8m0" };
const mx = Object.entries(elements).flatMap(([name, element]) =>
  Object.entries(rules).map(([rule, scale]) => ({ name: `${name}_${rule}`, recipe: `${element}/32${scale}` })),
);

interface MxGolden {
  scale_u8_sha256: string;
  packed_lo_first_sha256?: string;
  data_u8_sha256?: string;
  codes_u8_unpacked_sha256?: string;
  first_scale: number;
  mse: number;
}

describe("scales and codes of the LCG values hash as numpy's", () => {
  it("over the very same values", () => {
    expect(sha256(bytesOf(values))).toBe("f4176895a5073c6cd955e7aef993fcb4c65dd22c5426449c1c1e3d5e32e56b44");
  });

  it.each(mx)("$name as $recipe", async ({ name, recipe }) => {
    const wanted = golden[name as keyof typeof golden] as MxGolden;
    const { codes, scales, mse } = await run(recipe);
    const scaleBytes = Uint8Array.from(scales[0].codes!);
    expect(scaleBytes[0]).toBe(wanted.first_scale);
    expect(sha256(scaleBytes)).toBe(wanted.scale_u8_sha256);
    if (wanted.packed_lo_first_sha256) expect(sha256(lowNibbleFirst(codes))).toBe(wanted.packed_lo_first_sha256);
    else expect(sha256(Uint8Array.from(codes))).toBe(wanted.data_u8_sha256 ?? wanted.codes_u8_unpacked_sha256);
    expect(Math.abs(mse! / wanted.mse - 1)).toBeLessThan(1e-6);
  });

  it("nvfp4", async () => {
    const wanted = golden.nvfp4_modelopt;
    const { codes, scales, mse } = await run("nvfp4");
    expect(scales[1].values[0]).toBe(Math.fround(wanted.weight_scale_2));
    expect(Array.from(scales[0].codes!.subarray(0, 4))).toEqual(wanted.first4_scales);
    expect(sha256(Uint8Array.from(scales[0].codes!))).toBe(wanted.scale_e4m3_sha256);
    expect(hex(lowNibbleFirst(codes).subarray(0, 8))).toBe(wanted.first_block_hex);
    expect(sha256(lowNibbleFirst(codes))).toBe(wanted.packed_lo_first_sha256);
    expect(Math.abs(mse! / wanted.mse - 1)).toBeLessThan(1e-6);
  });

  it("nf4 in blocks of 64, in the arithmetic of bitsandbytes", async () => {
    const wanted = golden.nf4_bs64;
    const { codes, scales, mse } = await run("nf4(arith=bnb)/64");
    expect(sha256(bytesOf(scales[0].values))).toBe(wanted.absmax_f32_sha256);
    expect(Array.from(highNibbleFirst(codes).subarray(0, 8))).toEqual(wanted.first8_bytes);
    expect(sha256(highNibbleFirst(codes))).toBe(wanted.packed_hi_first_sha256);
    expect(Math.abs(mse! / wanted.mse - 1)).toBeLessThan(1e-6);
  });

  it("covers every configuration there is", () => {
    const covered = [...mx.map((c) => c.name), "nvfp4_modelopt", "nf4_bs64"];
    expect(Object.keys(golden).sort()).toEqual(covered.sort());
  });
});
