import { describe, expect, test } from "vitest";
import { openBytes } from "../../testing/open-bytes.ts";
import { floats } from "../bytes-for-test.ts";
import { type Py, storage, tensor, writeLegacyForm, writeZipForm } from "./write-for-test.ts";

const six = floats(1, 2, 3, 4, 5, 6);
const one = (offset: number) => tensor(storage("0", 6), [1], [1], offset);
const dict = (...pairs: [Py, Py][]): Py => ({ dict: pairs });
const object = (path: string, state: Py, args: Py[] = []): Py => ({ call: path, args, state });

async function listed(value: Py, storages: Record<string, Uint8Array> = { 0: six }) {
  const { info, tensor: of } = await openBytes({ f: writeZipForm(value, storages) });
  const values: Record<string, number[]> = {};
  for (const { name, problem, elements } of info.tensors) {
    if (problem === undefined) values[name] = [...(await of(name).read(0, elements))];
  }
  return { info, values };
}
const note = (names: string) =>
  `f: it holds objects that only Python code of their own brings back (${names}). They are kept as names, and nothing of them is run; tensors in them are listed.`;

describe("objects of classes that are not known", () => {
  test("are gone through: modules by their names, other objects by their attributes and items", async () => {
    const parameters = (...pairs: [Py, Py][]) =>
      dict(["training", false], ["_parameters", dict(...pairs)], ["_buffers", dict()]);
    const module = object("models.Net", {
      dict: [
        ["_parameters", dict(["scale", one(0)])],
        ["_buffers", dict(["mean", one(1)])],
        ["_modules", dict(["fc", object("torch.nn.modules.linear.Linear", parameters(["weight", one(2)]))])],
      ],
    });
    const slots: Py = { tuple: [dict(["a", one(3)]), dict(["b", one(4)])] };
    const { info, values } = await listed(
      dict(["net", module], ["config", object("lib.Config", slots)], ["call", object("lib.Box", dict(), [one(5)])]),
    );
    expect(values).toEqual({
      ...{ "net.scale": [1], "net.mean": [2], "net.fc.weight": [3] },
      ...{ "config.a": [4], "config.b": [5], "call.0": [6] },
    });
    expect(info.notes).toEqual([note("lib.Box, lib.Config, models.Net, torch.nn.modules.linear.Linear")]);
  });

  test("are told of in the legacy form, too, and many together", async () => {
    const many = Array.from({ length: 8 }, (_, i): [Py, Py] => [`o${i}`, object(`lib.Class${i}`, dict())]);
    const legacy = writeLegacyForm(dict(["w", tensor(storage("a", 6, "torch.FloatStorage", null), [6])], ...many), [
      ["a", six],
    ]);
    const { info } = await openBytes({ f: legacy });
    expect(info.tensors.map(({ name }) => name)).toEqual(["w"]);
    expect(info.notes).toEqual([note("lib.Class0, lib.Class1, lib.Class2, lib.Class3, lib.Class4 and 3 more")]);
  });

  test("that refer to each other are gone through once", async () => {
    // An object remembered, with itself in its state and in a list beside it.
    const raw = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
    const pickle = raw("\x80\x02}X\x01\0\0\0aclib\nNode\n)\x81q\0}X\x04\0\0\0selfh\0sbsX\x01\0\0\0bh\0s.");
    const { info } = await openBytes({ f: writeZipForm(null, {}, { pickle }) });
    expect(info.notes).toEqual(["f has no tensors in it.", note("lib.Node")]);
  });

  test("nested ever deeper end in a sentence", async () => {
    let nested: Py = one(0);
    for (let i = 0; i < 100; i++) nested = object("lib.Box", dict(["x", nested]));
    await expect(openBytes({ f: writeZipForm(nested, { 0: six }) })).rejects.toThrow(
      "f: its pickle has dicts and lists nested deeper than 64 levels.",
    );
  });
});

describe("tensor subclasses", () => {
  const wrapped = (path: string, shape: number[], state: [Py, Py][]): Py => ({
    call: "torch._tensor._rebuild_from_type_v2",
    args: [
      { global: "torch._utils._rebuild_wrapper_subclass" },
      { global: path },
      {
        tuple: [
          { global: path },
          { global: "torch.bfloat16" },
          { tuple: shape },
          { tuple: [shape[1] ?? 1, 1] },
          0,
          { global: "torch.strided" },
          "cpu",
          false,
        ],
      },
      dict(...state),
    ],
  });

  test("are named with their class, and what is in them is listed; plain tensors are read", async () => {
    const { info, values } = await listed(
      dict(["l.weight", wrapped("torchao.x.SecretTensor", [4, 6], [["scale", one(1)]])], ["norm", one(0)]),
    );
    expect(values).toEqual({ "l.weight.scale": [2], norm: [1] });
    expect(info.tensors[0]).toMatchObject({
      ...{ name: "l.weight", shape: [4, 6] },
      problem:
        'f: tensor "l.weight" is of the class torchao.x.SecretTensor, whose values only its own Python code makes; none is run here.',
    });
  });

  test("of torchao that its safetensors have, too, are decoded", async () => {
    const shape = [2, 4];
    const parts: [Py, Py][] = [
      ["qdata", tensor(storage("1", 8, "torch.CharStorage"), shape)],
      ["scale", tensor(storage("2", 2), [2, 1])],
      ["block_size", { tuple: [1, 4] }],
      ["dtype", { global: "torch.bfloat16" }],
    ];
    const { info, values } = await listed(
      dict(["l.weight", wrapped("torchao.quantization.Int8Tensor", shape, parts)]),
      {
        1: Uint8Array.of(1, 2, 3, 4, 255, 254, 253, 252),
        2: floats(0.5, 2),
      },
    );
    expect(values).toEqual({ "l.weight": [0.5, 1, 1.5, 2, -2, -4, -6, -8] });
    expect(info.tensors[0].stored?.kind.layout).toBe("torchao Int8Tensor");
    expect(info.notes.filter((text) => text.includes("kept as names"))).toEqual([]);
  });
});

describe("tensors that PyTorch quantized itself", () => {
  const quantized = (type: string, shape: number[], quantizer: Py[]): Py => ({
    call: "torch._utils._rebuild_qtensor",
    args: [
      ...[storage("0", 6, `torch.${type}Storage`), 0, { tuple: shape }, { tuple: [shape[1], 1] }],
      ...[{ tuple: quantizer }, false, { call: "collections.OrderedDict", args: [] }],
    ],
  });

  test.each([
    ["QInt8", [-1, 0, 1, 2, 127, -128]],
    ["QUInt8", [255, 0, 1, 2, 127, 128]],
  ] as const)("one scale: %s", async (type, codes) => {
    const { info, values } = await listed(
      dict(["w", quantized(type, [2, 3], [{ global: "torch.per_tensor_affine" }, 0.5, 3])]),
      { 0: Uint8Array.from(codes, (code) => code & 255) },
    );
    expect(values).toEqual({ w: codes.map((code) => (code - 3) * 0.5) });
    expect(info.tensors[0]).toMatchObject({ dtype: "int8", shape: [2, 3] });
    expect(info.tensors[0].stored?.kind.layout).toBe(`PyTorch ${type.toLowerCase()} INT8`);
  });

  test("a scale for each output or input", async () => {
    for (const [axis, count] of [
      [0, 2],
      [1, 3],
    ]) {
      const scales = [0.5, 2, 8].slice(0, count);
      const zeros = [1, -1, 3].slice(0, count);
      const of: Py[] = [
        { global: "torch.per_channel_affine" },
        tensor(storage("1", count, "torch.DoubleStorage"), [count]),
        tensor(storage("2", count, "torch.LongStorage"), [count]),
        axis,
      ];
      const { values } = await listed(dict(["w", quantized("QInt8", [2, 3], of)]), {
        0: Uint8Array.of(1, 2, 3, 4, 5, 6),
        1: new Uint8Array(Float64Array.from(scales).buffer),
        2: new Uint8Array(BigInt64Array.from(zeros, BigInt).buffer),
      });
      const at = (i: number) => (axis === 0 ? Math.floor(i / 3) : i % 3);
      expect(values.w).toEqual([1, 2, 3, 4, 5, 6].map((code, i) => (code - zeros[at(i)]) * scales[at(i)]));
    }
  });
});

test("pairs of 4-bit floats are twice as many numbers", async () => {
  const pairs = (stride: number[]): Py => ({
    call: "torch._utils._rebuild_tensor_v3",
    args: [
      ...[storage("0", 4, "torch.storage.UntypedStorage"), 0, { tuple: [2, 2] }, { tuple: stride }, false],
      ...[{ call: "collections.OrderedDict", args: [] }, { global: "torch.float4_e2m1fn_x2" }],
    ],
  });
  const { info, values } = await listed(dict(["w", pairs([2, 1])], ["t", pairs([1, 2])]), {
    0: Uint8Array.of(0x21, 0x43, 0x65, 0xf7),
  });
  expect(values).toEqual({ w: [0.5, 1, 1.5, 2, 3, 4, 6, -6] });
  expect(info.tensors[0]).toMatchObject({ dtype: "F4", shape: [2, 4], elements: 8 });
  expect(info.tensors[1].problem).toBe(
    'f: tensor "t" holds pairs of 4-bit numbers that do not lie row by row. Save it with tensor.contiguous().',
  );
});

describe("HQQ's own file", () => {
  const codes = tensor(storage("1", 8, "torch.ByteStorage"), [2, 4]);
  const scale = tensor(storage("2", 4), [4, 1]);
  const zero = tensor(storage("3", 4), [4, 1]);
  const storages = {
    1: Uint8Array.of(0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe),
    2: floats(1, 2, 4, 8),
    3: floats(0, 1, 2, 3),
  };
  const numbers: [Py, Py][] = [
    ["nbits", 4],
    ["axis", 1],
    ["group_size", 4],
    ["shape", { call: "torch.Size", args: [{ tuple: [4, 4] }] }],
    ["packing", "4bit_u8"],
  ];
  // The high nibbles are the first two groups, the low ones the others.
  const wanted = [1, 3, 5, 7, 16, 20, 24, 28, -8, 0, 8, 16, 40, 56, 72, 88];

  test.each([
    ["in one dict", [["W_q", codes], ["scale", scale], ["zero", zero], ...numbers]],
    [
      "an older one, with what tells of the codes below meta",
      [
        ["W_q", codes],
        ["meta", dict(["scale", scale], ["zero", zero], ...numbers)],
      ],
    ],
  ] as [string, [Py, Py][]][])("%s", async (_, entries) => {
    const { info, values } = await listed(dict(["fc", dict(...entries)]), storages);
    expect(values).toEqual({ "fc.weight": wanted });
    expect(info.tensors[0]).toMatchObject({ shape: [4, 4], stored: { kind: { layout: "HQQ" } } });
    // What tells of the codes is not counted as theirs.
    expect(info.tensors[0].stored!.bitsPerWeight).toBe((8 + 16 + 16) / 2);
  });

  test("with scales that are quantized in turn is named, and shown as stored", async () => {
    const { info } = await listed(
      dict(["fc", dict(["W_q", codes], ["scale_q", scale], ["zero", zero], ...numbers)]),
      storages,
    );
    expect(info.notes[0]).toBe(
      "fc.W_q looks like HQQ and is shown as stored: its scales are quantized in turn, which is not decoded.",
    );
    expect(info.tensors.find(({ name }) => name === "fc.W_q")?.warning).toContain("quantized in turn");
  });
});
