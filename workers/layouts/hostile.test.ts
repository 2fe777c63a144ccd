/** Weights whose parts and configuration are of any form: they end in values or in a sentence. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { openWritten } from "../testing/open-written.ts";
import { writeFp8, writeMxfp4, writeNvfp4 } from "./for-test/floats.ts";
import { writeAwq, writeGptq, writePacked } from "./for-test/integers.ts";
import { writeBnb4, writeHqq, writeTorchao } from "./for-test/libraries.ts";
import { writeGemv, writeMlx, writeMlxMode } from "./for-test/mlx.ts";
import { writeComfyNvfp4, writeSpelled } from "./for-test/spelled.ts";

const spelled = {
  weight: "m.weight",
  scales: "m.scale_weight",
  scaleShape: [2, 6, 1],
  at: (i: number) => Math.floor(i / 8),
};
const gptq = writeGptq({ out: 8, inputs: 32, group: 32 }, 4, {}, 1);
const packed = writePacked({ out: 4, inputs: 32, group: 32 }, 4, { asymmetric: true }, 1);
const nvfp4 = writeNvfp4([2, 32], "modelopt", 1);

test("whatever a configuration says, weights are decoded as their shapes allow or shown as stored", async () => {
  const writers = [
    gptq,
    packed,
    nvfp4,
    writeFp8([40, 70], [16, 16], "deepseek", 1),
    writeMlx([2, 64], 4, 32, 1),
    writeGemv({ out: 4, inputs: 64, group: 32 }, 1),
  ];
  const value = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.string(),
    fc.array(fc.integer()),
    fc.constant(null),
  );
  const weights = fc.record({ num_bits: value, group_size: value, block_structure: value }, { requiredKeys: [] });
  const part = fc.record(
    {
      ...{ quant_method: fc.constantFrom("gptq", "awq", "compressed-tensors", "fp8", "modelopt"), bits: value },
      ...{
        group_size: value,
        desc_act: value,
        sym: value,
        checkpoint_format: value,
        mode: value,
        version: value,
        weight_block_size: value,
      },
      config_groups: fc.oneof(value, fc.dictionary(fc.string(), fc.oneof(value, fc.record({ weights })))),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...writers), part, async (written, json) => {
      const key = written.layout.startsWith("MLX") ? "quantization" : "quantization_config";
      const config = { name: "config.json", json: { [key]: json } };
      const source = await openWritten({ ...written, config });
      for (const { name, elements } of source.info.tensors) {
        expect((await source.tensor(name).read(0, elements)).length).toBe(elements);
      }
    }),
    { numRuns: 150 },
  );
});

test("whatever shapes and types parts are declared with, opening and reading ends in values or in a sentence", async () => {
  const writers = [
    gptq,
    packed,
    writeBnb4([4, 64], 64, "nf4", 4, 1),
    writeHqq([4, 32], 4, 16, 1, 1),
    nvfp4,
    writeNvfp4([2, 32], "torchao-tiles", 1),
    writeMxfp4([2, 4, 32], "gpt-oss", 1),
    writeFp8([4, 8], [1, 8], "row", 1),
    writeAwq({ out: 8, inputs: 16, group: 16 }, 1),
    writeMlx([2, 64], 4, 32, 1),
    writeMlxMode([2, 64], "nvfp4", 1),
    writeGemv({ out: 4, inputs: 64, group: 32 }, 1),
    writeComfyNvfp4(4, 64, false, 1),
    writeSpelled([2, 6, 8], { ...spelled, global: "m.scale_weight_tensor" }, 1),
    writeTorchao([2, 32], 32, "Int4Tensor", 1),
    writeTorchao([2, 32], 32, "IntxUnpackedToInt8Tensor", 1),
  ];
  const types = {
    F32: 4,
    F16: 2,
    I64: 8,
    I32: 4,
    U32: 4,
    I16: 2,
    I8: 1,
    U8: 1,
    F8_E4M3: 1,
    F8_E8M0: 1,
    F4: 0.5,
    I4: 0.5,
  };
  const type = fc.option(fc.constantFrom(...Object.entries(types)));
  const factor = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...writers), fc.nat(), fc.option(factor), type, async (written, which, to, as) => {
      const at = which % written.tensors.length;
      const tensors = written.tensors.map((t, i) => {
        if (i !== at) return t;
        const shape = to ?? t.shape;
        const [dtype, width] = as ?? [t.dtype, t.bytes.length / t.shape.reduce((a, b) => a * b, 1)];
        const bytes = Math.ceil(width * shape.reduce((a, b) => a * b, 1));
        return { ...t, dtype, shape, bytes: new Uint8Array(bytes).fill(0x35) };
      });
      const source = await openWritten({ ...written, tensors });
      for (const { name, elements } of source.info.tensors) {
        try {
          const values = await source.tensor(name).read(0, elements);
          expect(values.length).toBe(elements);
        } catch (error) {
          expect((error as Error).name).toBe("UserError");
        }
      }
    }),
    { numRuns: 300 },
  );
});
