import { describe, expect, test } from "vitest";
import { openWritten, without } from "../testing/open-written.ts";
import type { Written } from "./for-test/bits.ts";
import { writeFp8, writeModelOptInt4, writeMxfp4, writeNvfp4 } from "./for-test/floats.ts";
import { writeAwq, writeGptq, writePacked } from "./for-test/integers.ts";
import { writeBnb4, writeHqq, writeTorchao } from "./for-test/libraries.ts";

const gptq = writeGptq({ out: 8, inputs: 32, group: 32 }, 4, {}, 1);
const packed = writePacked({ out: 4, inputs: 32, group: 32 }, 4, { asymmetric: true }, 1);
const nf4 = writeBnb4([4, 64], 64, "nf4", 4, 1);
const hqq = writeHqq([4, 32], 4, 16, 1, 1);
const nvfp4 = writeNvfp4([2, 32], "modelopt", 1);
const tiled = writeNvfp4([2, 32], "torchao-tiles", 1);

/** The same, a tensor declared with another shape of as many elements, or as another type of as many bytes. */
function declared(written: Written, ending: string, change: { shape?: number[]; dtype?: string }): Written {
  return { ...written, tensors: written.tensors.map((t) => (t.name.endsWith(ending) ? { ...t, ...change } : t)) };
}

/** The same, tensors with other contents. */
function put(
  written: Written,
  endings: string | readonly string[],
  change: { shape: number[]; bytes: Uint8Array<ArrayBuffer> },
): Written {
  const changed = (name: string) => [endings].flat().some((ending) => name.endsWith(ending));
  return { ...written, tensors: written.tensors.map((t) => (changed(t.name) ? { ...t, ...change } : t)) };
}

/** A tensor cut to fewer rows. */
function cut(written: Written, ending: string, shape: number[], bytes: number): Written {
  return {
    ...written,
    tensors: written.tensors.map((t) =>
      t.name.endsWith(ending) ? { ...t, shape, bytes: t.bytes.slice(0, bytes) } : t,
    ),
  };
}

const cases: [string, Written, string][] = [
  [
    "GPTQ without scales",
    without(gptq, ".scales"),
    "model.layers.0.q_proj.qweight looks like GPTQ and is shown as stored: its scales, model.layers.0.q_proj.scales, are missing.",
  ],
  [
    "GPTQ without zero points",
    without(gptq, ".qzeros"),
    "model.layers.0.q_proj.qweight looks like GPTQ and is shown as stored: its zero points, model.layers.0.q_proj.qzeros, are missing.",
  ],
  [
    "GPTQ of no known width",
    {
      ...gptq,
      tensors: gptq.tensors.map((t) =>
        t.name.endsWith("qzeros") ? { ...t, shape: [1, 3], bytes: new Uint8Array(12) } : t,
      ),
    },
    "model.layers.0.q_proj.qweight looks like GPTQ and is shown as stored: model.layers.0.q_proj.qzeros is [1, 3], which for 8 outputs is no width of 2, 3, 4 or 8 bits.",
  ],
  [
    "a group for each of too few inputs",
    cut(gptq, ".g_idx", [31], 124),
    "model.layers.0.q_proj.qweight looks like GPTQ and is shown as stored: model.layers.0.q_proj.g_idx is [31], where the width of its codes asks for [32].",
  ],
  [
    "AWQ without zero points",
    without(writeAwq({ out: 8, inputs: 16, group: 16 }, 1), ".qzeros"),
    "model.layers.0.mlp.up_proj.qweight looks like AWQ and is shown as stored: its zero points, model.layers.0.mlp.up_proj.qzeros, are missing.",
  ],
  [
    "compressed-tensors without its shape",
    without(packed, "weight_shape"),
    "model.layers.3.mlp.down_proj.weight_packed looks like compressed-tensors and is shown as stored: its dimensions, model.layers.3.mlp.down_proj.weight_shape, are missing.",
  ],
  [
    "zero points that do not fit",
    declared(packed, "weight_zero_point", { shape: [1, 1, 1] }),
    "model.layers.3.mlp.down_proj.weight_packed looks like compressed-tensors and is shown as stored: model.layers.3.mlp.down_proj.weight_zero_point is [1, 1, 1], which does not hold 4 x 1 zero points of 4 bits.",
  ],
  [
    "a global scale missing",
    without(nvfp4, "weight_scale_2"),
    "model.layers.1.o_proj.weight_scale looks like ModelOpt and is shown as stored: its global scale, model.layers.1.o_proj.weight_scale_2, is missing.",
  ],
  [
    "too few scales",
    cut(nvfp4, "weight_scale", [2, 1], 2),
    "model.layers.1.o_proj.weight_scale looks like ModelOpt and is shown as stored: model.layers.1.o_proj.weight_scale is [2, 1], too few for 2 rows of 2 blocks of 16.",
  ],
  [
    "scales with columns of padding",
    put(nvfp4, "weight_scale", { shape: [2, 3], bytes: new Uint8Array(6) }),
    "model.layers.1.o_proj.weight_scale looks like ModelOpt and is shown as stored: model.layers.1.o_proj.weight_scale is [2, 3], which are not 2 rows of 2 blocks of 16.",
  ],
  [
    "scales turned over",
    put(writeNvfp4([4, 32], "modelopt", 1), "weight_scale", { shape: [2, 4], bytes: new Uint8Array(8) }),
    "model.layers.1.o_proj.weight_scale looks like ModelOpt and is shown as stored: model.layers.1.o_proj.weight_scale is [2, 4], which are not 4 rows of 2 blocks of 16.",
  ],
  [
    "two global scales for one matrix",
    put(nvfp4, "weight_scale_2", { shape: [2], bytes: new Uint8Array(8) }),
    "model.layers.1.o_proj.weight_scale looks like ModelOpt and is shown as stored: model.layers.1.o_proj.weight_scale_2 is [2], where one scale a matrix is asked for, or one for all.",
  ],
  [
    "tiles that are said to be there and are not",
    put(tiled, "_weight_scale", { shape: [2, 2], bytes: new Uint8Array(4) }),
    "model.layers.1.o_proj._weight_qdata looks like torchao and is shown as stored: model.layers.1.o_proj._weight_scale is said to lie in tiles of 128 x 4, but is [2, 2], not as large as those of 2 x 2.",
  ],
  [
    "groups that do not divide torchao's inputs",
    put(writeTorchao([2, 100], 50, "Int4Tensor", 1), ["_weight_scale", "_weight_zero_point"], {
      ...{ shape: [30, 2], bytes: new Uint8Array(120) },
    }),
    "decoder.0._weight_qdata looks like torchao and is shown as stored: the 30 groups of decoder.0._weight_scale do not divide 100 inputs.",
  ],
  [
    "zero points that are no words",
    declared(gptq, ".qzeros", { dtype: "F32" }),
    "model.layers.0.q_proj.qweight looks like GPTQ and is shown as stored: model.layers.0.q_proj.qzeros is F32, where codes are packed in I32.",
  ],
  [
    "a shape of HQQ that is none",
    put(hqq, ".shape", { shape: [2], bytes: Uint8Array.from([-4, -32].flatMap((n) => [n & 255, 255, 255, 255])) }),
    "h.W_q looks like HQQ and is shown as stored: h.shape is [-4, -32], which is no shape.",
  ],
  [
    "FP8 blocks of no size",
    cut(writeFp8([300, 300], [128, 128], "deepseek", 1), "weight_scale_inv", [2, 1], 8),
    "model.layers.9.mlp.experts.3.gate_proj.weight_scale_inv looks like a weight with scales and is shown as stored: model.layers.9.mlp.experts.3.gate_proj.weight_scale_inv is [2, 1], which divides [300, 300] into no blocks of one size.",
  ],
  [
    "gpt-oss without scales",
    without(writeMxfp4([2, 4, 32], "gpt-oss", 1), "_scales"),
    "model.layers.0.mlp.experts.gate_up_proj_blocks looks like gpt-oss MXFP4 and is shown as stored: its scales, model.layers.0.mlp.experts.gate_up_proj_scales, are missing.",
  ],
  [
    "INT4 with scales of another weight",
    cut(writeModelOptInt4([4, 32], 16, false, 1), "weight_scale", [3, 2], 24),
    "m.weight_scale looks like ModelOpt and is shown as stored: m.weight_scale has 3 rows, where m.weight has 4 or 8.",
  ],
  [
    "bitsandbytes without its maxima",
    without(nf4, ".absmax"),
    "model.layers.0.self_attn.v_proj.weight.quant_state.bitsandbytes__nf4 looks like bitsandbytes 4-bit and is shown as stored: its absolute maxima, model.layers.0.self_attn.v_proj.weight.absmax, are missing.",
  ],
  [
    "bitsandbytes without the nested maxima",
    without(nf4, "nested_absmax"),
    "model.layers.0.self_attn.v_proj.weight.quant_state.bitsandbytes__nf4 looks like bitsandbytes 4-bit and is shown as stored: its maxima of maxima, model.layers.0.self_attn.v_proj.weight.nested_absmax, are missing.",
  ],
  [
    "HQQ without its shape",
    without(hqq, "h.shape"),
    "h.W_q looks like HQQ and is shown as stored: the tensors that tell its bits, axis and shape (h.nbits, axis, shape) are missing or not understood.",
  ],
  [
    "HQQ with codes of another size",
    cut(hqq, "W_q", [3, 16], 48),
    "h.W_q looks like HQQ and is shown as stored: h.W_q has 48 bytes, where 8 x 16 codes of 4 bits take 64.",
  ],
  [
    "torchao without its class",
    { ...writeTorchao([2, 32], 32, "Int4Tensor", 1), metadata: {} },
    "decoder.0._weight_qdata looks like torchao and is shown as stored: the file's metadata does not say of which class decoder.0.weight is.",
  ],
  [
    "torchao for one kernel",
    {
      ...writeTorchao([2, 32], 32, "Int4Tensor", 1),
      metadata: { "decoder.0.weight": '{"_type":"Int4TilePackedTo4dTensor","_data":{}}' },
    },
    "decoder.0._weight_qdata looks like torchao and is shown as stored: the order of codes in torchao's Int4TilePackedTo4dTensor is that of a kernel, which is not decoded.",
  ],
];

const state = (json: string) => ({
  ...nf4,
  tensors: nf4.tensors.map((t) => {
    if (!t.name.endsWith("__nf4")) return t;
    const bytes = new TextEncoder().encode(json);
    return { ...t, shape: [bytes.length], bytes };
  }),
});
const described = "model.layers.0.self_attn.v_proj.weight.quant_state.bitsandbytes__nf4";

describe("what cannot be decoded is shown as stored, with the reason", () => {
  test.each(cases)("%s", async (_, written, sentence) => {
    const source = await openWritten(written);
    expect(source.info.notes.filter((n) => !n.startsWith("Stored with"))).toEqual([sentence]);
    expect(source.info.tensors.map((t) => t.name)).toEqual(written.tensors.map((t) => t.name));
    for (const { name } of written.tensors) await source.tensor(name).read(0, 1);
  });

  // This kept the whole file from opening.
  test("HQQ with an axis of half a byte", async () => {
    const half = { dtype: "I4", bytes: new Uint8Array(1) };
    const tensors = hqq.tensors.map((t) => (t.name === "h.axis" ? { ...t, ...half } : t));
    const source = await openWritten({ ...hqq, tensors });
    expect(source.info.notes[0]).toBe("h.W_q looks like HQQ and is shown as stored: h.axis cannot be read.");
    expect((await source.tensor("h.W_q").read(0, 64)).length).toBe(64);
  });

  test.each([
    ["{", "is not JSON"],
    ['{"shape":[4,64]}', "names no size of blocks that is even"],
    ['{"shape":[4,64],"blocksize":63}', "names no size of blocks that is even"],
    ['{"shape":"4x64","blocksize":64}', "names no shape"],
    ['{"shape":[4,-64],"blocksize":64}', "names no shape"],
    ['{"shape":[4,64],"blocksize":64,"nested_blocksize":0}', "names no size of nested blocks and their offset"],
  ])("a state of %s", async (json, what) => {
    const source = await openWritten(state(json));
    expect(source.info.notes[0]).toBe(
      `${described} looks like bitsandbytes 4-bit and is shown as stored: its description, ${described}, ${what}.`,
    );
  });

  test("legacy sparse layouts are called by their names", async () => {
    const one = (name: string, dtype = "I32") => ({
      name,
      dtype,
      shape: [1],
      bytes: new Uint8Array(dtype === "I32" ? 4 : 1),
    });
    const marlin = { ...packed, tensors: [...packed.tensors, one("model.layers.3.mlp.down_proj.meta")] };
    const sparse = { ...packed, tensors: [one("a.bitmask", "U8"), one("a.compressed")] };
    const exl2 = { ...packed, tensors: [one("a.q_weight"), one("a.q_scale")] };
    const kernel = { ...packed, tensors: [one("a.B"), one("a.s")] };
    const said = async (written: Written) => (await openWritten(written)).info.notes.join(" ");
    expect(await said(exl2)).toContain("EXL2, whose groups differ in their bits, is not decoded");
    expect(await said(marlin)).toContain("it is 2:4 sparse in Marlin's order (marlin-24), which is not decoded");
    expect(await said(sparse)).toContain(
      "sparse-bitmask or sparse-24-bitmask, whose zeros are left out, is not decoded",
    );
    expect(await said(kernel)).toContain("Marlin's order of GPTQ codes is that of a kernel, which is not decoded");
  });

  test("a weight is not listed beside a tensor of its name", async () => {
    const name = "model.layers.0.q_proj.weight";
    const tensors = [...gptq.tensors, { name, dtype: "F32", shape: [1], bytes: new Uint8Array(4) }];
    const { info } = await openWritten({ ...gptq, tensors });
    expect(info.tensors.map((t) => t.name)).toEqual(tensors.map((t) => t.name));
    expect(info.notes).toEqual([
      `model.layers.0.q_proj.qweight is shown as stored: there is another ${name} beside it.`,
    ]);
  });

  test("tensors without elements have no bits a weight", async () => {
    const tensors = [...gptq.tensors, { name: "none", dtype: "I64", shape: [0], bytes: new Uint8Array() }];
    const { notes } = (await openWritten({ ...gptq, tensors })).info;
    expect(notes.at(-1)).toMatch(/ Tensors: 1 as GPTQ \(\d+\.\d\d bits\)\.$/);
  });

  test("as many scales as rows are blocks where they lie side by side", async () => {
    const written = writeFp8([4, 512], [128, 128], "deepseek", 1);
    for (const withConfig of [true, false]) {
      const source = await openWritten(written, withConfig);
      const values = await source.tensor(written.name).read(0, 2048);
      expect([...values]).toEqual(Array.from({ length: 2048 }, (_, i) => written.value(i)));
    }
  });

  test("torchao's integers of fewer bits than a byte are called so", async () => {
    const written = writeTorchao([2, 32], 32, "IntxUnpackedToInt8Tensor", 1);
    const type = { _type: "torch.dtype", _data: "int4" };
    const metadata = {
      [written.name]: JSON.stringify({ _type: "IntxUnpackedToInt8Tensor", _data: { target_dtype: type } }),
    };
    const { tensors } = (await openWritten({ ...written, metadata })).info;
    expect(tensors[0]).toMatchObject({ dtype: "int4", stored: { kind: { recipe: "int4(asym)/row:bf16" } } });
  });

  test("many are told together", async () => {
    const tensors = Array.from({ length: 9 }, (_, i) => ({
      ...{ name: `l.${i}.qweight`, dtype: "I32", shape: [4, 8], bytes: new Uint8Array(128) },
    }));
    const { notes } = (await openWritten({ ...gptq, tensors })).info;
    expect(notes).toHaveLength(4);
    expect(notes[3]).toBe("6 more weights are shown as stored, too.");
  });

  test("a group that does not exist is told when the weight is read", async () => {
    const index = new Uint8Array(128);
    new DataView(index.buffer).setInt32(20, 7, true);
    const tensors = gptq.tensors.map((t) => (t.name.endsWith("g_idx") ? { ...t, bytes: index } : t));
    const source = await openWritten({ ...gptq, tensors });
    await expect(source.tensor(gptq.name).read(0, 8)).rejects.toThrow(
      "model.layers.0.q_proj.g_idx puts column 5 into group 7; there are 1.",
    );
  });

  test("names that only look so are left alone", async () => {
    const plain = (name: string) => ({ name, dtype: "F32", shape: [2, 2], bytes: new Uint8Array(16) });
    const tensors = [
      "norm.weight",
      "norm.scale",
      "fc.weight",
      "fc.weight_scale",
      "a.B",
      "a.s",
      "x.blocks",
      "x.qweight",
    ].map(plain);
    const source = await openWritten({ ...gptq, tensors, config: undefined });
    expect(source.info.tensors.map((t) => t.name)).toEqual(tensors.map((t) => t.name));
    expect(source.info.notes).toEqual([]);
  });
});
