import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRecipe } from "../../kernels/notation/index.ts";
import { openWritten } from "../testing/open-written.ts";
import type { Written } from "./for-test/bits.ts";
import { writeFp8, writeModelOptInt4, writeMxfp4, writeMxfp8, writeNvfp4 } from "./for-test/floats.ts";
import { writeAwq, writeGptq, writeInt8, writePacked } from "./for-test/integers.ts";
import { writeBnb4, writeBnb8, writeHqq, writeTorchao } from "./for-test/libraries.ts";
import { writeGemv, writeMlx, writeMlxMode } from "./for-test/mlx.ts";
import { writeComfyNvfp4 } from "./for-test/spelled.ts";

const size = fc.integer({ min: 1, max: 9 });
const seed = fc.integer({ min: 0, max: 2 ** 31 });

/** Where two arrays differ in a bit or in length; -1 where they do not. */
function firstDifference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Math.min(found.length, expected.length);
  return found.findIndex((x, i) => !Object.is(x, expected[i]));
}

/** Bytes of codes declared as numbers of 16 bits, as trainers that shard them do. */
function asHalves(written: Written): Written {
  const tensors = written.tensors.map((t) =>
    t.name === written.name
      ? { ...t, dtype: "BF16", shape: [Math.ceil(t.bytes.length / 2), 1], bytes: padded(t.bytes) }
      : t,
  );
  return { ...written, tensors };
}

/** With a byte more where their number is odd. */
const padded = (bytes: Uint8Array) =>
  Uint8Array.from({ length: 2 * Math.ceil(bytes.length / 2) }, (_, i) => bytes[i] ?? 0);

/** Every layout with shapes of its own: n and m are small counts of whatever its units are. */
const layouts: [string, (n: number, m: number, seed: number) => Written][] = [
  ["GPTQ, 4 bits", (n, m, s) => writeGptq({ out: 8 * n, inputs: 32 * m, group: 32 }, 4, {}, s)],
  ["GPTQ, 2 bits", (n, m, s) => writeGptq({ out: 16 * n, inputs: 16 * m, group: 16 }, 2, {}, s)],
  ["GPTQ, 3 bits", (n, m, s) => writeGptq({ out: 32 * n, inputs: 32 * m, group: 64 }, 3, {}, s)],
  ["GPTQ, 8 bits", (n, m, s) => writeGptq({ out: 4 * n, inputs: 4 * m, group: 8 }, 8, {}, s)],
  ["GPTQ v2", (n, m, s) => writeGptq({ out: 8 * n, inputs: 32 * m, group: 32 }, 4, { version: 2 }, s)],
  ["GPTQ, act-order", (n, m, s) => writeGptq({ out: 8 * n, inputs: 32 * m, group: 32 }, 4, { actOrder: true }, s)],
  ["AWQ", (n, m, s) => writeAwq({ out: 8 * n, inputs: 16 * m, group: 16 }, s)],
  ["pack-quantized, 4 bits", (n, m, s) => writePacked({ out: n, inputs: 8 * m - 3, group: 8 }, 4, {}, s)],
  ["pack-quantized, 8 bits", (n, m, s) => writePacked({ out: n, inputs: 32 * m, group: 32 * m }, 8, {}, s)],
  ["pack-quantized, 2 bits", (n, m, s) => writePacked({ out: n, inputs: 16 * m, group: 16 }, 2, {}, s)],
  ["pack-quantized, 3 bits", (n, m, s) => writePacked({ out: n, inputs: 32 * m, group: 16 }, 3, {}, s)],
  ["pack-quantized, 5 bits", (n, m, s) => writePacked({ out: n, inputs: 32 * m, group: 16 }, 5, {}, s)],
  ["pack-quantized, 6 bits", (n, m, s) => writePacked({ out: n, inputs: 32 * m, group: 16 }, 6, {}, s)],
  ["pack-quantized, 7 bits", (n, m, s) => writePacked({ out: n, inputs: 32 * m, group: 32 }, 7, {}, s)],
  [
    "pack-quantized, 3 bits in whole words",
    (n, m, s) => writePacked({ out: n, inputs: 160 * m, group: 32 }, 3, { whole: true, asymmetric: false }, s),
  ],
  [
    "pack-quantized, asymmetric",
    (n, m, s) => writePacked({ out: n, inputs: 16 * m, group: 16 }, 4, { asymmetric: true }, s),
  ],
  [
    "pack-quantized, asymmetric, 3 bits",
    (n, m, s) => writePacked({ out: n, inputs: 32 * m, group: 32 }, 3, { asymmetric: true }, s),
  ],
  [
    "pack-quantized, act-order",
    (n, m, s) => writePacked({ out: n, inputs: 16 * m, group: 16 }, 4, { asymmetric: true, actOrder: true }, s),
  ],
  ["int-quantized", (n, m, s) => writeInt8({ out: n + 1, inputs: m }, false, s)],
  ["int-quantized, asymmetric", (n, m, s) => writeInt8({ out: n + 1, inputs: m }, true, s)],
  ["FP8, 128 x 128", (n, m, s) => writeFp8([70 * n + 60, 29 * m + 100], [128, 128], "deepseek", s)],
  ["FP8, exponents", (n, m, s) => writeFp8([70 * n + 60, 29 * m + 100], [128, 128], "ue8m0", s)],
  ["FP8, one a tensor", (n, m, s) => writeFp8([n, m], [n, m], "tensor", s)],
  ["FP8, one a row", (n, m, s) => writeFp8([n + 1, m], [1, m], "row", s)],
  ["FP8, ModelOpt", (n, m, s) => writeFp8([n, m], [n, m], "modelopt", s)],
  ["NVFP4, divided", (n, m, s) => writeNvfp4([n, 16 * m], "compressed-tensors", s)],
  ["NVFP4, ModelOpt", (n, m, s) => writeNvfp4([n, 16 * m], "modelopt", s)],
  ["NVFP4, torchao", (n, m, s) => writeNvfp4([n, 16 * m], "torchao", s)],
  ["NVFP4, tiles", (n, m, s) => writeNvfp4([60 * n, 16 * m], "torchao-tiles", s)],
  ["MXFP4", (n, m, s) => writeMxfp4([n, 32 * m], "compressed-tensors", s)],
  ["MXFP4, gpt-oss", (n, m, s) => writeMxfp4([3, 2 * n, 32 * m], "gpt-oss", s)],
  ["MXFP4, gpt-oss original", (n, m, s) => writeMxfp4([2, n, 32 * m], "gpt-oss original", s)],
  ["MXFP4, signed bytes", (n, m, s) => writeMxfp4([n, 32 * m], "signed bytes", s)],
  ["MXFP8", (n, m, s) => writeMxfp8([n + 1, 20 * m + 20], s)],
  ["ModelOpt INT4, by columns", (n, m, s) => writeModelOptInt4([n, 16 * m], 16, false, s)],
  ["ModelOpt INT4, by rows", (n, m, s) => writeModelOptInt4([2 * n, 16 * m], 16, true, s)],
  ["bitsandbytes NF4", (n, m, s) => writeBnb4([n, 7 * m], 64, "nf4", null, s)],
  ["bitsandbytes NF4, nested", (n, m, s) => writeBnb4([8 * n, 40 * m], 16, "nf4", 16, s)],
  ["bitsandbytes FP4", (n, m, s) => writeBnb4([n, 9 * m], 32, "fp4", null, s)],
  ["bitsandbytes NF4, as halves", (n, m, s) => asHalves(writeBnb4([n, 12 * m], 64, "nf4", null, s))],
  ["bitsandbytes INT8", (n, m, s) => writeBnb8([n, m], s)],
  ["HQQ, 8 bits", (n, m, s) => writeHqq([n, 8 * m], 8, 8, 1, s)],
  ["HQQ, 4 bits", (n, m, s) => writeHqq([2 * n, 16 * m], 4, 16, 1, s)],
  ["HQQ, 3 bits", (n, m, s) => writeHqq([n, 16 * m], 3, 8, 1, s)],
  ["HQQ, 2 bits", (n, m, s) => writeHqq([4 * n, 16 * m], 2, 16, 1, s)],
  ["HQQ, 1 bit", (n, m, s) => writeHqq([8 * n, 16 * m], 1, 16, 1, s)],
  ["HQQ along axis 0", (n, m, s) => writeHqq([8 * n, 16 * m], 4, 8, 0, s)],
  ["torchao Int4Tensor", (n, m, s) => writeTorchao([n, 32 * m], 32, "Int4Tensor", s)],
  ["torchao Intx", (n, m, s) => writeTorchao([n + 1, 32 * m], 32, "IntxUnpackedToInt8Tensor", s)],
  ["MLX, 3 bits", (n, m, s) => writeMlx([n, 64 * m], 3, 64, s)],
  ["MLX, 5 bits", (n, m, s) => writeMlx([n, 32 * m], 5, 32, s)],
  ["MLX, 6 bits of experts", (n, m, s) => writeMlx([2, n, 128 * m], 6, 128, s, true)],
  ["MLX, nvfp4", (n, m, s) => writeMlxMode([n, 16 * m], "nvfp4", s)],
  ["MLX, mxfp8", (n, m, s) => writeMlxMode([n, 32 * m], "mxfp8", s)],
  ["AWQ gemv", (n, m, s) => writeGemv({ out: n + 1, inputs: 64 * m, group: 64 }, s)],
  ["ComfyUI's NVFP4", (n, m, s) => writeComfyNvfp4(60 * n, 32 * m, true, s)],
  ["torchao Float8Tensor", (n, m, s) => writeTorchao([n + 1, 8 * m], 8 * m, "Float8Tensor", s)],
];

describe.each(layouts)("%s", (_, write) => {
  test("gives back every weight to the bit, whole and by ranges", async () => {
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        seed,
        fc.double({ min: 0, max: 1 }),
        fc.double({ min: 0, max: 1 }),
        async (n, m, s, a, b) => {
          const written = write(n, m, s);
          const source = await openWritten(written);
          expect(source.info.tensors.map((t) => t.name)).toEqual([written.name]);
          const tensor = source.tensor(written.name);
          const { shape, elements, stored } = tensor.info;
          expect(shape).toEqual(written.shape);
          expect(stored?.kind.layout).toBe(written.layout);
          const expected = Float32Array.from({ length: elements }, (_, i) => written.value(i));
          expect(firstDifference(await tensor.read(0, elements), expected)).toBe(-1);
          const [begin, end] = [a, b]
            .map((x) => Math.min(elements, Math.floor(x * (elements + 1) || 0)))
            .sort((x, y) => x - y);
          expect(firstDifference(await tensor.read(begin, end), expected.subarray(begin, end))).toBe(-1);
        },
      ),
      { numRuns: 8 },
    );
  });

  test("counts every stored byte, names its recipe, and opens its parts", async () => {
    const written = write(3, 4, 7);
    const source = await openWritten(written);
    const { stored, elements } = source.tensor(written.name).info;
    const bytes = written.tensors
      .filter(
        ({ name }) =>
          !/input_scale|pre_quant_scale|\.(nbits|axis|shape|group_size)$/.test(name) || name.endsWith("weight_shape"),
      )
      .reduce((sum, t) => sum + t.bytes.length, 0);
    expect(stored?.bitsPerWeight).toBeCloseTo((8 * bytes) / elements, 10);
    expect(stored?.parts.map((p) => p.role)).toContain("codes");
    if (stored?.kind.recipe) parseRecipe(stored.kind.recipe);
    for (const part of stored?.parts ?? []) {
      const opened = source.tensor(part.info.name);
      const values = await opened.read(0, opened.info.elements);
      expect(values.length).toBe(part.info.elements);
    }
  });
});
