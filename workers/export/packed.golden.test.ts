/** What is packed, against the same tensors packed with numpy. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { openSource } from "../sources/open.ts";
import { TensorCache } from "../tensors/cache.ts";
import { arrayPieces } from "./arrays.ts";
import { encodeFloats } from "./floats.ts";
import { packBytes, packNibbles } from "./pack.ts";
import { arraysOf, runsForTest, written } from "./write-for-test.ts";

const golden = sharedFile("golden/packed.json");
describe.skipIf(golden === null)(`bytes packed with numpy${golden ? "" : " (golden data absent)"}`, async () => {
  const hashes = golden ? JSON.parse(readFileSync(golden, "utf8")) : {};
  const lcg = { kind: "generator", generator: { name: "lcg", rows: 8, cols: 1024, seed: 12345, params: {} } } as const;
  const open = () => openSource(lcg, "lcg", { cache: new TensorCache() });
  const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  it.each([
    ["mxfp4", "mxfp4_floor"],
    ["mxfp4~mx(even)", "mxfp4_even"],
    ["mxfp4~mx(ceil)", "mxfp4_ceil"],
    ["e2m1/32:e8m0@up", "mxfp4_rceil"],
    ["mxfp8", "mxfp8_e4m3_floor"],
    ["mxfp8~mx(even)", "mxfp8_e4m3_even"],
    ["mxfp8~mx(ceil)", "mxfp8_e4m3_ceil"],
    ["e4m3/32:e8m0@up", "mxfp8_e4m3_rceil"],
    ["nvfp4", "nvfp4_modelopt"],
  ])("%s has the bytes of %s", async (recipe, name) => {
    const arrays = arraysOf((await written(await open(), { format: "compressed-tensors", recipe })).bytes);
    const wanted = hashes[name];
    const codes = arrays.get("lcg.weight_packed") ?? arrays.get("lcg.weight")!;
    expect(sha(codes.bytes)).toBe(wanted.packed_lo_first_sha256 ?? wanted.data_u8_sha256);
    expect(sha(arrays.get("lcg.weight_scale")!.bytes)).toBe(wanted.scale_u8_sha256 ?? wanted.scale_e4m3_sha256);
  });

  const arraysFrom = async (recipe: string) => {
    const order = { key: "lcg", matrix: (await open()).matrix("lcg"), recipe, definitions: [], backend: null };
    const quantized = await runsForTest().quantized(order, {
      signal: new AbortController().signal,
      progress: () => {},
    });
    const codes: Uint8Array[] = [];
    for await (const piece of arrayPieces(quantized, "codes", async () => {})) codes.push(piece);
    // The first piece is npy's header.
    return { codes: Buffer.concat(codes.slice(1)), scales: quantized.scales[0] };
  };

  it.each([
    ["mxfp6", "mxfp6_e2m3_floor"],
    ["mxfp6~mx(even)", "mxfp6_e2m3_even"],
    ["mxfp6_e3m2", "mxfp6_e3m2_floor"],
    ["e3m2/32:e8m0@up", "mxfp6_e3m2_rceil"],
  ])("the codes of %s, one a byte, are those of %s", async (recipe, name) => {
    const { codes, scales } = await arraysFrom(recipe);
    expect(sha(codes)).toBe(hashes[name].codes_u8_unpacked_sha256);
    expect(sha(packBytes(scales.codes!))).toBe(hashes[name].scale_u8_sha256);
  });

  it("the codes of nf4/64, the first in the high nibble, are those of nf4_bs64", async () => {
    const { codes, scales } = await arraysFrom("nf4/64");
    const swapped = Array.from(codes, (_, i) => codes[i ^ 1]);
    expect(sha(packNibbles(swapped))).toBe(hashes.nf4_bs64.packed_hi_first_sha256);
    expect(sha(encodeFloats("F32", scales.values).bytes)).toBe(hashes.nf4_bs64.absmax_f32_sha256);
  });
});
