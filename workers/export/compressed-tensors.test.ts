import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prepareRecipe } from "../../kernels/index.ts";
import { parseRecipe } from "../../kernels/notation/index.ts";
import { writeSafetensors } from "../checkpoints/safetensors/write.ts";
import { UserError } from "../errors/user-error.ts";
import { packedScheme } from "./compressed-scheme.ts";
import { npyBytes } from "./npy-header.ts";
import { packWords, packWordsDown, wordsFor } from "./pack.ts";
import { arraysOf, openBytes, resultOf, type StoredArray, valuesOf, written } from "./write-for-test.ts";

const [ROWS, COLS] = [36, 192];
const weights = Float32Array.from(
  { length: ROWS * COLS },
  (_, i) => Math.sin(i * 12.9898) * (1 + (i % 17)) * (i % 50 === 0 ? 3 : 0.1) + 0.02,
);
// A block of zeros, and signed zeros among them.
weights.fill(-0, 64, 128);
const source = () =>
  openBytes(
    "w.safetensors",
    writeSafetensors([{ name: "m.weight", dtype: "F32", shape: [ROWS, COLS], bytes: npyBytes("<f4", weights) }]),
  );

const pack = async (recipe: string) => written(await source(), { format: "compressed-tensors", recipe });

/** Element (r, c) of packed words, bit by bit: bit k of it is bit (c*bits + k) of the row's words. */
function unpack(bytes: Uint8Array, perRow: number, bits: number, r: number, c: number): number {
  let code = 0;
  for (let k = 0; k < bits; k++) {
    const bit = 32 * r * perRow + c * bits + k;
    code += ((bytes[bit >> 3] >> (bit & 7)) & 1) * 2 ** k;
  }
  return code;
}

const halfOf = (u: number) => {
  const [sign, e, m] = [u >> 15 ? -1 : 1, (u >> 10) & 31, u & 1023];
  return sign * (e === 0 ? m * 2 ** -24 : (1 + m / 1024) * 2 ** (e - 15));
};
const e4m3Of = (u: number) => {
  const [sign, e, m] = [u >> 7 ? -1 : 1, (u >> 3) & 15, u & 7];
  return sign * (e === 0 ? m * 2 ** -9 : (1 + m / 8) * 2 ** (e - 7));
};
const e2m1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6];

/** Scales as numbers, by their type as it was written. */
function scalesOf({ dtype, bytes }: StoredArray): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const of: Record<string, [number, (i: number) => number]> = {
    F32: [4, (i) => view.getFloat32(4 * i, true)],
    F16: [2, (i) => halfOf(view.getUint16(2 * i, true))],
    BF16: [2, (i) => new Float32Array(Uint32Array.of(view.getUint16(2 * i, true) << 16).buffer)[0]],
    F8_E4M3: [1, (i) => e4m3Of(bytes[i])],
    U8: [1, (i) => 2 ** (bytes[i] - 127)],
  };
  const [width, at] = of[dtype];
  return Float32Array.from({ length: bytes.length / width }, (_, i) => at(i));
}

type Level = (arrays: Map<string, StoredArray>, r: number, c: number) => number;

const packedInteger =
  (bits: number, group: number): Level =>
  (arrays, r, c) => {
    const { bytes, shape } = arrays.get("m.weight_packed")!;
    const stored = unpack(bytes, shape[1], bits, r, c);
    const zero = arrays.get("m.weight_zero_point");
    if (!zero) return stored - 2 ** (bits - 1);
    // Down the columns: bit k of row r is bit (r*bits + k) of the column's words.
    const g = Math.floor(c / group);
    const groups = zero.shape[1];
    let z = 0;
    for (let k = 0; k < bits; k++) {
      const at = r * bits + k;
      const byte = 4 * (Math.floor(at / 32) * groups + g) + ((at % 32) >> 3);
      z += ((zero.bytes[byte] >> (at & 7)) & 1) * 2 ** k;
    }
    return stored - z;
  };
const int8: Level = (arrays, r, c) => {
  const q = new Int8Array(arrays.get("m.weight")!.bytes.slice().buffer)[r * COLS + c];
  const zero = arrays.get("m.weight_zero_point");
  return zero ? q - ((zero.bytes[zero.bytes.length === 1 ? 0 : r] << 24) >> 24) : q;
};
const fp8: Level = (arrays, r, c) => e4m3Of(arrays.get("m.weight")!.bytes[r * COLS + c]);
const fp4: Level = (arrays, r, c) => {
  const byte = arrays.get("m.weight_packed")!.bytes[(r * COLS + c) >> 1];
  return e2m1[c % 2 === 0 ? byte & 15 : byte >> 4];
};

interface Case {
  recipe: string;
  format: string;
  strategy: string;
  /** Rows and columns that share a scale. */
  block: [number, number];
  scale: string;
  level: Level;
}
const cases: Case[] = [
  {
    recipe: "int4/64:f16",
    format: "pack-quantized",
    strategy: "group",
    block: [1, 64],
    scale: "F16",
    level: packedInteger(4, 64),
  },
  {
    recipe: "int4(half)/32:bf16",
    format: "pack-quantized",
    strategy: "group",
    block: [1, 32],
    scale: "BF16",
    level: packedInteger(4, 32),
  },
  {
    recipe: "int3(full)/row",
    format: "pack-quantized",
    strategy: "channel",
    block: [1, COLS],
    scale: "F32",
    level: packedInteger(3, COLS),
  },
  {
    recipe: "int5(signmax)/48:f16",
    format: "pack-quantized",
    strategy: "group",
    block: [1, 48],
    scale: "F16",
    level: packedInteger(5, 48),
  },
  {
    recipe: "int4(asym)/64:f16",
    format: "pack-quantized",
    strategy: "group",
    block: [1, 64],
    scale: "F16",
    level: packedInteger(4, 64),
  },
  {
    recipe: "int3(asym)/32",
    format: "pack-quantized",
    strategy: "group",
    block: [1, 32],
    scale: "F32",
    level: packedInteger(3, 32),
  },
  {
    recipe: "int8/64:f16",
    format: "pack-quantized",
    strategy: "group",
    block: [1, 64],
    scale: "F16",
    level: packedInteger(8, 64),
  },
  { recipe: "int8/row", format: "int-quantized", strategy: "channel", block: [1, COLS], scale: "F32", level: int8 },
  {
    recipe: "int8/tensor:f16",
    format: "int-quantized",
    strategy: "tensor",
    block: [ROWS, COLS],
    scale: "F16",
    level: int8,
  },
  {
    recipe: "int8(asym)/row:bf16",
    format: "int-quantized",
    strategy: "channel",
    block: [1, COLS],
    scale: "BF16",
    level: int8,
  },
  { recipe: "e4m3/row", format: "float-quantized", strategy: "channel", block: [1, COLS], scale: "F32", level: fp8 },
  {
    recipe: "e4m3/tensor",
    format: "float-quantized",
    strategy: "tensor",
    block: [ROWS, COLS],
    scale: "F32",
    level: fp8,
  },
  { recipe: "e4m3/32x32", format: "float-quantized", strategy: "block", block: [32, 32], scale: "F32", level: fp8 },
  { recipe: "mxfp8", format: "mxfp8-quantized", strategy: "group", block: [1, 32], scale: "U8", level: fp8 },
  {
    recipe: "mxfp4~mx(even)",
    format: "mxfp4-pack-quantized",
    strategy: "group",
    block: [1, 32],
    scale: "U8",
    level: fp4,
  },
];

describe("compressed-tensors", () => {
  it.each(cases)("$recipe is $format: level times scale is the recipe's result", async (c) => {
    const { bytes, summary } = await pack(c.recipe);
    const arrays = arraysOf(bytes);
    const scale = arrays.get("m.weight_scale")!;
    const perRow = Math.ceil(COLS / c.block[1]);
    expect(scale.dtype).toBe(c.scale);
    expect(scale.shape).toEqual(c.strategy === "tensor" ? [1] : [Math.ceil(ROWS / c.block[0]), perRow]);
    const scales = scalesOf(scale);
    const decoded = Float32Array.from({ length: ROWS * COLS }, (_, i) => {
      const [row, col] = [Math.floor(i / COLS), i % COLS];
      return c.level(arrays, row, col) * scales[Math.floor(row / c.block[0]) * perRow + Math.floor(col / c.block[1])];
    });
    const result = await resultOf(await source(), "m.weight", c.recipe);
    expect(decoded.findIndex((x, i) => x !== result[i])).toBe(-1);
    const again = await openBytes("again.safetensors", bytes);
    expect(again.info.tensors.map(({ name, shape }) => [name, shape])).toEqual([["m.weight", [ROWS, COLS]]]);
    expect((await valuesOf(again, "m.weight")).findIndex((x, i) => x !== result[i])).toBe(-1);
    const { quantization_config: config } = JSON.parse(summary.config!);
    expect(config).toMatchObject({ quant_method: "compressed-tensors", format: c.format, ignore: [] });
    expect(config.config_groups.group_0).toMatchObject({ targets: ["m"], weights: { strategy: c.strategy } });
  });

  it("nvfp4 stores what readers divide by", async () => {
    const { bytes } = await pack("nvfp4");
    const arrays = arraysOf(bytes);
    expect([...arrays.keys()].sort()).toEqual(["m.weight_global_scale", "m.weight_packed", "m.weight_scale"]);
    const scales = scalesOf(arrays.get("m.weight_scale")!);
    const [global] = scalesOf(arrays.get("m.weight_global_scale")!);
    const amax = weights.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    expect(global / (2688 / amax)).toBeCloseTo(1, 6);
    const result = await resultOf(await source(), "m.weight", "nvfp4");
    const again = await valuesOf(await openBytes("again.safetensors", bytes), "m.weight");
    for (let i = 0; i < result.length; i++) {
      const [row, col] = [Math.floor(i / COLS), i % COLS];
      expect(Math.abs(again[i] - result[i])).toBeLessThanOrEqual(Math.abs(result[i]) * 2 ** -22);
      const x = fp4(arrays, row, col) * Math.fround(scales[row * (COLS / 16) + (col >> 4)] / global);
      // The reciprocal is rounded once more.
      expect(Math.abs(x - result[i])).toBeLessThanOrEqual(Math.abs(result[i]) * 2 ** -22);
    }
  });

  it("packs and places any width of code, on its way along rows and down columns", () => {
    const matrix = fc
      .record({
        bits: fc.integer({ min: 1, max: 8 }),
        rows: fc.integer({ min: 1, max: 40 }),
        cols: fc.integer({ min: 1, max: 70 }),
      })
      .chain(({ bits, rows, cols }) =>
        fc
          .array(fc.nat(2 ** bits - 1), { minLength: rows * cols, maxLength: rows * cols })
          .map((codes) => ({ bits, rows, cols, codes })),
      );
    fc.assert(
      fc.property(matrix, ({ bits, rows, cols, codes }) => {
        const along = packWords(codes, cols, bits);
        const turned = Array.from({ length: rows * cols }, (_, i) => codes[(i % rows) * cols + Math.floor(i / rows)]);
        const words = new Uint32Array(packWords(turned, rows, bits).buffer);
        const down = new Uint32Array(packWordsDown(codes, rows, cols, bits).buffer);
        const per = wordsFor(rows, bits);
        expect([...down]).toEqual(
          Array.from({ length: per * cols }, (_, i) => words[(i % cols) * per + Math.floor(i / cols)]),
        );
        return codes.every(
          (code, i) => unpack(along, wordsFor(cols, bits), bits, Math.floor(i / cols), i % cols) === code,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("puts modules of one scheme into one group and lists those that stay", async () => {
    const bytes = npyBytes("<f4", weights);
    const tensor = (name: string, shape = [ROWS, COLS]) => ({ name, dtype: "F32", shape, bytes });
    const model = await openBytes(
      "m.safetensors",
      writeSafetensors([
        ...["a.weight", "b.weight", "c.weight", "lm_head.weight"].map((name) => tensor(name)),
        { ...tensor("norm.weight", [4]), bytes: bytes.slice(0, 16) },
      ]),
    );
    const recipe = "lm_head*=f32;c*=e4m3/row;*=int4/64:f16";
    const { summary, bytes: file } = await written(model, { format: "compressed-tensors", recipe });
    const { quantization_config: config } = JSON.parse(summary.config!);
    expect(config.format).toBe("mixed-precision");
    expect(config.ignore).toEqual(["lm_head"]);
    expect(config.config_groups).toMatchObject({
      group_0: { targets: ["a", "b"], format: "pack-quantized", weights: { num_bits: 4, group_size: 64 } },
      group_1: { targets: ["c"], format: "float-quantized", weights: { type: "float", strategy: "channel" } },
    });
    expect(summary).toMatchObject({ quantized: 3, kept: 2, recipe });
    expect(summary.notes).toEqual(["kept as they are: 1 tensor with one dimension or of integers"]);
    const arrays = arraysOf(file);
    expect(arrays.get("norm.weight")!.bytes).toEqual(new Uint8Array(bytes.slice(0, 16)));
    expect(new BigInt64Array(arrays.get("a.weight_shape")!.bytes.slice().buffer)).toEqual(BigInt64Array.of(36n, 192n));
  });
});

describe("what cannot be packed is said", () => {
  it.each([
    ["rht(64,seed=1)+int4/64", "there is no place for the step rht, without which the codes mean something else"],
    ["e4m3", "it has no scales, and a weight is stored with one a tensor at least. Try a block such as /row"],
    [
      "nvfp4/32",
      "E2M1 is stored as NVFP4 (blocks of 16, scales in E4M3 with one float32 a tensor) or MXFP4 (blocks of 32, scales in E8M0)",
    ],
    [
      "mxfp4/16",
      "E2M1 is stored as NVFP4 (blocks of 16, scales in E4M3 with one float32 a tensor) or MXFP4 (blocks of 32, scales in E8M0)",
    ],
    ["e2m1/col", "scales along a column have no place there"],
    ["nf4/64", "it holds integers with a sign or a zero point, E4M3 and E2M1, and no other elements"],
    ["e4m3ieee/row", "it holds integers with a sign or a zero point, E4M3 and E2M1, and no other elements"],
    ["int4/64:e4m3", "these scales are stored as float32, float16 or bfloat16, not as e4m3"],
    ["int4/64:uint8/row", "only NVFP4 has scales of scales there"],
    ["int4/flat(64)", "scales of blocks that run over row ends have no place there"],
    ["int4/16x16", "packed integers have a scale a row or a group there, not a tile of 16x16"],
    ["int4(asym,zp=int2)/64", "its zero points go through int2, and are stored as 4-bit integers there"],
    ["mxfp8/16", "E4M3 with scales in E8M0 has blocks of 32 there"],
  ])("%s: %s", (recipe, why) => {
    const plan = prepareRecipe(parseRecipe(recipe), [], ROWS, COLS);
    expect(() => packedScheme(plan)).toThrow(
      new UserError(`${plan.text} cannot be written as compressed-tensors: ${why}.`),
    );
  });

  it("names the tensor whose rows are not whole blocks, before a byte is written", async () => {
    await expect(pack("int4/128")).rejects.toThrow(
      "m.weight: rows of 192 are not whole blocks of 128, as compressed-tensors wants them. " +
        "A rule before it keeps a tensor as it is, as in *norm*=f32;*=int4/64.",
    );
    await expect(
      written(await source(), { format: "compressed-tensors", recipe: "int4/128", unfit: "keep" }),
    ).rejects.toThrow("No tensor goes through the recipe: there is nothing to pack.");
  });
});
