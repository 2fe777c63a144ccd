import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import golden from "../../kernels/backends/reference/packed.golden.json" with { type: "json" };
import { lcgValues, quantizeText } from "../../kernels/testing/matrix.ts";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { openWritten } from "../testing/open-written.ts";
import { integers } from "./for-test/bits.ts";

const [rows, cols] = [8, 1024];
const values = lcgValues(rows * cols);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (x: Float32Array) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
const paired = (codes: Uint32Array, evenLow: boolean) =>
  Uint8Array.from({ length: codes.length / 2 }, (_, i) =>
    evenLow ? codes[2 * i] + 16 * codes[2 * i + 1] : 16 * codes[2 * i] + codes[2 * i + 1],
  );

type Tensors = Parameters<typeof openWritten>[0]["tensors"];

/** Decodes a weight and gives it with its mean squared error against the values it was made from. */
async function decoded(tensors: Tensors, name = "w.weight") {
  const source = await openWritten({ tensors, name, shape: [], layout: "", value: () => 0 });
  const tensor = source.tensor(name);
  const weights = await tensor.read(0, rows * cols);
  const mse = weights.reduce((sum, w, i) => sum + (w - values[i]) ** 2, 0) / weights.length;
  return { weights, mse };
}

/** The golden bytes themselves: made again from the recipe, and hashed. */
async function packed(recipe: string) {
  const quantized = await quantizeText(recipe, values, rows, cols);
  const { codes, result } = await quantized.rows(0, rows);
  return { codes: codes!, scales: quantized.scales, result };
}

describe("bytes whose hashes numpy gave decode to the weights they stand for", () => {
  test("MXFP4", async () => {
    const { codes, scales, result } = await packed("mxfp4");
    const [blocks, exponents] = [paired(codes, true), Uint8Array.from(scales[0].codes!)];
    expect(sha256(blocks)).toBe(golden.mxfp4_floor.packed_lo_first_sha256);
    expect(sha256(exponents)).toBe(golden.mxfp4_floor.scale_u8_sha256);
    const { weights, mse } = await decoded([
      { name: "w.weight_packed", dtype: "U8", shape: [rows, cols / 2], bytes: blocks },
      { name: "w.weight_scale", dtype: "U8", shape: [rows, cols / 32], bytes: exponents },
    ]);
    expect(weights).toEqual(result);
    expect(mse / golden.mxfp4_floor.mse).toBeCloseTo(1, 6);
    // Its own recipe leaves it as it is.
    expect((await quantizeText("mxfp4", weights, rows, cols)).report.metrics.mse).toBe(0);
  });

  test("NVFP4", async () => {
    const { codes, scales, result } = await packed("nvfp4");
    const [blocks, inner] = [paired(codes, true), Uint8Array.from(scales[0].codes!)];
    expect(sha256(blocks)).toBe(golden.nvfp4_modelopt.packed_lo_first_sha256);
    expect(sha256(inner)).toBe(golden.nvfp4_modelopt.scale_e4m3_sha256);
    const { weights, mse } = await decoded([
      { name: "w.weight", dtype: "U8", shape: [rows, cols / 2], bytes: blocks },
      { name: "w.weight_scale", dtype: "F8_E4M3", shape: [rows, cols / 16], bytes: inner },
      { name: "w.weight_scale_2", dtype: "F32", shape: [], bytes: bytesOf(scales[1].values) },
    ]);
    expect(weights).toEqual(result);
    expect(mse / golden.nvfp4_modelopt.mse).toBeCloseTo(1, 6);
    expect((await quantizeText("nvfp4", weights, rows, cols)).report.metrics.mse).toBe(0);
  });

  test("NF4", async () => {
    const { codes, scales, result } = await packed("nf4(arith=bnb)/64");
    const bytes = paired(codes, false);
    expect(sha256(bytes)).toBe(golden.nf4_bs64.packed_hi_first_sha256);
    const levels = (await packed("nf4")).result;
    const map = Float32Array.from(new Set(levels)).sort();
    const state = new TextEncoder().encode(JSON.stringify({ quant_type: "nf4", blocksize: 64, shape: [rows, cols] }));
    const { weights, mse } = await decoded([
      { name: "w.weight", dtype: "U8", shape: [bytes.length, 1], bytes },
      { name: "w.weight.absmax", dtype: "F32", shape: [rows * 16], bytes: bytesOf(scales[0].values) },
      { name: "w.weight.quant_map", dtype: "F32", shape: [16], bytes: bytesOf(map) },
      { name: "w.weight.quant_state.bitsandbytes__nf4", dtype: "U8", shape: [state.length], bytes: state },
    ]);
    expect(weights).toEqual(result);
    expect(mse / golden.nf4_bs64.mse).toBeCloseTo(1, 6);
  });
});

interface Example {
  W: number[][];
  res: Record<string, { codes: number[][]; scales: number[][]; mse: number }>;
}

const example = sharedFile("golden/gptq.json");

describe.skipIf(example === null)("a worked GPTQ example (skipped where golden/gptq.json is absent)", () => {
  test.each(["gptq_static_groups", "gptq_dynamic_groups", "gptq_act_order_static"])("%s", async (method) => {
    const { W, res } = JSON.parse(readFileSync(example!, "utf8")) as Example;
    const { codes, scales, mse } = res[method];
    // Eight outputs fill a word of zero points: the four of the example, twice.
    const twice = <T>(list: T[]) => [...list, ...list];
    const words: number[] = [];
    for (const first of [0, 8]) {
      for (const row of twice(codes)) {
        words.push(row.slice(first, first + 8).reduce((word, q, j) => word | ((q + 8) << (4 * j)), 0));
      }
    }
    const turned = [0, 1].flatMap((group) => twice(scales).map((row) => row[group]));
    const source = await openWritten({
      tensors: [
        { name: "w.qweight", dtype: "I32", shape: [2, 8], bytes: integers(words, 4) },
        { name: "w.qzeros", dtype: "I32", shape: [2, 1], bytes: integers([0x77777777, 0x77777777], 4) },
        { name: "w.scales", dtype: "F32", shape: [2, 8], bytes: bytesOf(Float32Array.from(turned)) },
      ],
      ...{ name: "w.weight", shape: [8, 16], layout: "GPTQ", value: () => 0 },
    });
    const weights = await source.tensor("w.weight").read(0, 64);
    const error = weights.reduce((sum, w, i) => sum + (w - W[Math.floor(i / 16)][i % 16]) ** 2, 0) / 64;
    expect(error / mse).toBeCloseTo(1, 6);
  });
});
