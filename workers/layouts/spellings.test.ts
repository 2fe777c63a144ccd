import { describe, expect, test } from "vitest";
import { openWritten, without } from "../testing/open-written.ts";
import { isAnchor } from "./anchors.ts";
import type { Written } from "./for-test/bits.ts";
import { type Spelled, writeComfyNvfp4, writeSpelled } from "./for-test/spelled.ts";
import { spelledBy, spellings } from "./spellings.ts";

const one = { scaleShape: [], at: () => 0 };

async function expectDecoded(written: Written): Promise<void> {
  const { info, tensor } = await openWritten(written);
  const weight = tensor(written.name);
  const elements = written.shape.reduce((a, b) => a * b, 1);
  expect(weight.info).toMatchObject({ shape: written.shape, elements });
  expect(weight.info.stored).toBeDefined();
  const values = await weight.read(0, elements);
  expect([...values]).toEqual(Array.from({ length: elements }, (_, i) => written.value(i)));
  // A piece from the middle, as large weights are read.
  const [from, to] = [Math.floor(elements / 3), Math.floor((2 * elements) / 3)];
  expect([...(await weight.read(from, to))]).toEqual([...values.slice(from, to)]);
  expect(info.tensors.map(({ warning }) => warning)).toEqual(info.tensors.map(() => undefined));
}

describe("every spelling", () => {
  test.each(
    spellings.map((spelling) => [`${spelling.codes || "the weight"} beside ${spelling.scales}`, spelling] as const),
  )("%s", async (_, { codes, scales, global }) => {
    const stem = codes === "" ? "layers.0.experts.gate_up_proj" : "layers.0.fc.";
    const names = { weight: stem + codes, scales: stem + scales, ...(global && { global: stem + global }) };
    expect(isAnchor(names.scales)).toBe(true);
    const written = writeSpelled([2, 6, 32], { ...names, ...one }, 3);
    await expectDecoded({ ...written, name: codes === "_data" ? "layers.0.fc" : written.name });
  });

  test("is found by its own stem", () => {
    expect(spelledBy("a.b.weight_scale").map(({ stem, spelling }) => stem + spelling.codes)).toEqual(
      // Behind the module, and from the weight's own name on.
      ["a.b.weight", "a.b.weight"],
    );
    expect(spelledBy("a.b.weight_scale_2")).toEqual([]);
    expect(spelledBy("scale").map(({ stem, spelling }) => stem + spelling.codes)).toEqual(["weight"]);
  });
});

const blocks: [string, number[], Omit<Spelled, "weight" | "scales">][] = [
  ["a run of a row, in a view's shape", [6, 64], { scaleShape: [6, 2, 1], at: (i) => Math.floor(i / 32) }],
  [
    "128 x 128, cut in each expert",
    [3, 200, 256],
    {
      scaleShape: [3, 2, 2],
      at: (i) => {
        const [expert, row, col] = [Math.floor(i / 51200), Math.floor((i % 51200) / 256), i % 256];
        return (expert * 2 + Math.floor(row / 128)) * 2 + Math.floor(col / 128);
      },
    },
  ],
  ["a column of each expert", [2, 8, 16], { scaleShape: [2, 1, 16], at: (i) => Math.floor(i / 128) * 16 + (i % 16) }],
  ["an expert", [3, 4, 8], { scaleShape: [3, 1, 1], at: (i) => Math.floor(i / 32) }],
];

test.each(blocks)("one scale for %s", async (_, shape, how) => {
  await expectDecoded(writeSpelled(shape, { weight: "e.gate_up_proj", scales: "e.gate_up_proj_scale_inv", ...how }, 5));
});

describe("ComfyUI's NVFP4", () => {
  test.each([
    ["beside the weight", false],
    ["in the file's metadata", true],
  ] as const)("with its mark %s", async (_, inMetadata) => {
    const written = writeComfyNvfp4(10, 96, inMetadata, 7);
    await expectDecoded(written);
    const { info } = await openWritten(written);
    expect(info.tensors[0].stored?.kind).toMatchObject({ layout: "ComfyUI NVFP4", recipe: "nvfp4" });
  });

  test("of a format that is not known is shown as stored, with the reason", async () => {
    const written = writeComfyNvfp4(4, 32, true, 7);
    const metadata = { _quantization_metadata: '{"layers":{"m.fc":{"format":"int3_secret"}}}' };
    const { info } = await openWritten({ ...written, metadata });
    expect(info.notes).toEqual([
      'm.fc.weight_scale looks like ModelOpt and is shown as stored: its mark names the format "int3_secret", which is not known here.',
    ]);
    expect(info.tensors[0].warning).toBe(
      'U8 codes as they are stored, not the weight\'s values: its mark names the format "int3_secret", which is not known here',
    );
  });

  test.each(["{", "[]", '{"layers":3}', '{"layers":{"m.fc":7}}'])("metadata of %s says nothing", async (text) => {
    const written = writeComfyNvfp4(4, 32, true, 7);
    const { info } = await openWritten({ ...written, metadata: { _quantization_metadata: text } });
    expect(info.tensors[0].stored?.kind.layout ?? "").not.toContain("ComfyUI");
  });
});

test("two scales that do not fit are told", async () => {
  const written = writeSpelled([2, 4, 8], { weight: "m.weight", scales: "m.scale_weight", ...one }, 1);
  const two = { name: "m.scale_weight_tensor", dtype: "F32", shape: [3], bytes: new Uint8Array(12) };
  const { info } = await openWritten({ ...written, tensors: [...written.tensors, two] });
  expect(info.notes).toEqual([
    "m.scale_weight looks like a weight with scales and is shown as stored: m.scale_weight_tensor has 3 scales for 2 matrices.",
  ]);
  expect(info.tensors[0].warning).toContain("m.scale_weight_tensor has 3 scales for 2 matrices");
});

test("without its scales it is a plain tensor of 8 bits", async () => {
  const written = writeSpelled([4, 8], { weight: "m.weight", scales: "m.scale_weight", ...one }, 1);
  const { info } = await openWritten(without(written, "scale_weight"));
  expect(info.tensors[0]).toMatchObject({ dtype: "F8_E4M3" });
  expect(info.tensors[0].warning).toBeUndefined();
});
