import { describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats, utf8 } from "../bytes-for-test.ts";
import { type Py, storage, tensor, writeLegacyForm, writeZipForm } from "./write-for-test.ts";

const six = floats(1, 2, 3, 4, 5, 6);
const model: Py = {
  call: "collections.OrderedDict",
  args: [],
  state: { dict: [["_metadata", { call: "collections.OrderedDict", args: [] }]] },
};
/** An OrderedDict with items, as state dicts are. */
const ordered = (...pairs: [Py, Py][]): Py => ({
  call: "collections.OrderedDict",
  args: [pairs.map((p) => ({ tuple: p }))],
});

async function values(file: Uint8Array, name: string): Promise<number[]> {
  const { tensor: of } = await openBytes({ f: file });
  const { info, read } = of(name);
  return [...(await read(0, info.elements))];
}

describe("the zip form", () => {
  const stateDict = ordered(
    ["fc.weight", tensor(storage("0", 6), [2, 3])],
    ["fc.weight_t", tensor(storage("0", 6), [3, 2], [1, 3])],
    ["row", tensor(storage("0", 6), [3], [1], 3)],
    ["column", tensor(storage("0", 6), [2], [3], 1)],
    ["expanded", tensor(storage("0", 6), [2, 3], [0, 1], 2)],
    ["diagonals", tensor(storage("0", 6), [4, 3], [1, 1])],
    ["scalar", tensor(storage("0", 6), [], [], 5)],
    ["empty", tensor(storage("0", 6), [0, 3])],
  );
  const file = writeZipForm(stateDict, { 0: six });
  const expected: Record<string, number[]> = {
    "fc.weight": [1, 2, 3, 4, 5, 6],
    "fc.weight_t": [1, 4, 2, 5, 3, 6],
    row: [4, 5, 6],
    column: [2, 5],
    expanded: [3, 4, 5, 3, 4, 5],
    diagonals: [1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6],
    scalar: [6],
    empty: [],
  };

  test.each([
    ["pytorch_model.bin", file],
    ["holiday.jpg", file],
    ["deflated", writeZipForm(stateDict, { 0: six }, { level: 6 })],
    ["with a byte order", writeZipForm(stateDict, { 0: six }, { extra: { byteorder: utf8("little") } })],
  ])("%s: views of one storage are read right, whole and in parts", async (name, bytes) => {
    const { info, tensor: of } = await openBytes({ [name]: bytes });
    expect(info).toMatchObject({ kind: "pytorch", notes: [] });
    expect(info.tensors.map((t) => [t.name, t.problem])).toEqual(Object.keys(expected).map((n) => [n, undefined]));
    for (const [tensorName, numbers] of Object.entries(expected)) {
      const { read } = of(tensorName);
      for (let begin = 0; begin <= numbers.length; begin++) {
        for (let end = begin; end <= numbers.length; end++)
          expect([...(await read(begin, end))]).toEqual(numbers.slice(begin, end));
      }
    }
    expect(info.tensors[2].bytes).toEqual({ file: `${name}/archive/data/0`, begin: 12, end: 24 });
  });

  test("big-endian storages", async () => {
    const bytes = Uint8Array.of(0x3f, 0x80, 0, 0, 0x40, 0, 0, 0);
    const big = writeZipForm(
      ordered(["w", tensor(storage("0", 2), [2])]),
      { 0: bytes },
      { extra: { byteorder: utf8("big") } },
    );
    expect(await values(big, "w")).toEqual([1, 2]);
    const odd = writeZipForm(model, {}, { extra: { byteorder: utf8("middle") } });
    expect(await refusal({ f: odd })).toBe('f/archive/byteorder should say "little" or "big", not "middle".');
  });

  test("nested dicts and lists are joined by dots; settings are metadata", async () => {
    const one = (offset: number) => tensor(storage("0", 6), [1], [1], offset);
    const nested: Py = {
      dict: [
        ["model", ordered(["a.weight", one(0)])],
        ["optimizer", { dict: [["state", { dict: [[0, { dict: [["exp_avg", one(1)]] }]] }]] }],
        ["ema", [one(2), { tuple: [one(3)] }]],
        ["epoch", 12],
        ["name", "tiny"],
        [{ tuple: [1, "x"] }, one(4)],
        [true, { call: "torch.nn.parameter.Parameter", args: [one(5)] }],
      ],
    };
    const { info } = await openBytes({ f: writeZipForm(nested, { 0: six }) });
    expect(info.tensors.map((t) => t.name)).toEqual([
      ...["model.a.weight", "optimizer.state.0.exp_avg", "ema.0", "ema.1.0", "(1, x)", "true"],
    ]);
    expect(info.metadata).toEqual({ epoch: "12", name: "tiny" });
  });

  test("a tensor alone is named after its file", async () => {
    const { info } = await openBytes({ "dir/bias.pt": writeZipForm(tensor(storage("0", 6), [6]), { 0: six }) });
    expect(info.tensors.map((t) => t.name)).toEqual(["bias"]);
  });

  test.each([
    ["torch.DoubleStorage", "F64", new Uint8Array(Float64Array.of(0.5).buffer), 0.5],
    ["torch.HalfStorage", "F16", Uint8Array.of(0, 0x3e), 1.5],
    ["torch.BFloat16Storage", "BF16", Uint8Array.of(0xc0, 0x3f), 1.5],
    ["torch.LongStorage", "I64", Uint8Array.of(254, 255, 255, 255, 255, 255, 255, 255), -2],
    ["torch.IntStorage", "I32", Uint8Array.of(254, 255, 255, 255), -2],
    ["torch.ShortStorage", "I16", Uint8Array.of(254, 255), -2],
    ["torch.CharStorage", "I8", Uint8Array.of(254), -2],
    ["torch.ByteStorage", "U8", Uint8Array.of(254), 254],
    ["torch.BoolStorage", "BOOL", Uint8Array.of(1), 1],
    ["torch.cuda.FloatStorage", "F32", floats(7), 7],
  ])("%s", async (type, dtype, bytes, value) => {
    const file = writeZipForm(ordered(["w", tensor(storage("0", 1, type), [1])]), { 0: bytes });
    expect((await openBytes({ f: file })).info.tensors[0].dtype).toBe(dtype);
    expect(await values(file, "w")).toEqual([value]);
  });

  /** A tensor of a type that has no storage class. */
  const typed = (type: string, count: number, bytes: number): Py => ({
    call: "torch._utils._rebuild_tensor_v3",
    args: [
      ...[storage("0", bytes, "torch.storage.UntypedStorage"), 0, { tuple: [count] }, { tuple: [1] }, false],
      ...[{ call: "collections.OrderedDict", args: [] }, { global: `torch.${type}` }],
    ],
  });
  test.each([
    ["float8_e4m3fn", Uint8Array.of(0x38), 1],
    ["float8_e5m2", Uint8Array.of(0x3c), 1],
    ["float8_e4m3fnuz", Uint8Array.of(0x40), 1],
    ["float8_e5m2fnuz", Uint8Array.of(0x40), 1],
    ["float8_e8m0fnu", Uint8Array.of(128), 2],
    ["uint16", Uint8Array.of(1, 2), 513],
    ["uint32", Uint8Array.of(1, 2, 0, 0), 513],
    ["uint64", Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 0), 513],
    ["half", Uint8Array.of(0, 0x3c), 1],
  ])("torch.%s over untyped bytes", async (type, bytes, value) => {
    const file = writeZipForm(ordered(["w", typed(type, 1, bytes.length)]), { 0: bytes });
    expect(await values(file, "w")).toEqual([value]);
  });

  test("what has no plain values is listed with the reason", async () => {
    const quantized: Py = {
      call: "torch._utils._rebuild_qtensor",
      args: [
        ...[storage("0", 4, "torch.QInt32Storage"), 0, { tuple: [4] }, { tuple: [1] }],
        ...[{ tuple: [{ global: "torch.per_tensor_affine" }, 0.5, 0] }, false, null],
      ],
    };
    const meta: Py = {
      call: "torch._utils._rebuild_meta_tensor_no_storage",
      args: [{ global: "torch.float32" }, { tuple: [2] }, { tuple: [1] }, false],
    };
    const layout: Py = { call: "torch.serialization._get_layout", args: ["torch.sparse_coo"] };
    const sparse: Py = {
      call: "torch._utils._rebuild_sparse_tensor",
      args: [
        layout,
        { tuple: [typed("int64", 1, 8), typed("float32", 1, 4), { call: "torch.Size", args: [{ tuple: [3, 4] }] }] },
      ],
    };
    const negated: Py = {
      call: "torch._utils._rebuild_tensor_v2",
      args: [storage("0", 4), 0, { tuple: [1] }, { tuple: [1] }, false, null, { dict: [["neg", true]] }],
    };
    const complex = tensor(storage("0", 1, "torch.ComplexFloatStorage"), [1]);
    const file = writeZipForm(
      ordered(
        ["q", quantized],
        ["m", meta],
        ["s", sparse],
        ["n", negated],
        ["c", complex],
        ["4", typed("uint4", 4, 4)],
      ),
      { 0: new Uint8Array(16) },
    );
    const { info } = await openBytes({ f: file });
    expect(info.tensors.map((t) => [t.shape, t.problem])).toEqual([
      [
        [4],
        'f: tensor "q" is quantized by PyTorch itself (torch.qint32), which is not decoded. Save it with tensor.dequantize(), or its codes with tensor.int_repr().',
      ],
      [[2], 'f: tensor "m" was saved without values (on PyTorch\'s meta device).'],
      [[3, 4], 'f: tensor "s" is sparse, which is not read. Save it with tensor.to_dense().'],
      [[1], 'f: tensor "n" is a negation that PyTorch has put off. Save it with tensor.resolve_neg().'],
      [[1], 'f: tensor "c" holds complex numbers (torch.complex64), which no number format here quantizes.'],
      [[4], 'f: tensor "4" is of the type torch.uint4, which is not read here.'],
    ]);
  });

  test("NumPy arrays among the tensors", async () => {
    const array = (core: string, order: string, fortran: boolean, shape: number[], bytes: Py): Py => ({
      call: `${core}.multiarray._reconstruct`,
      args: [{ global: "numpy.ndarray" }, { tuple: [0] }, Uint8Array.of(98)],
      state: {
        tuple: [
          1,
          { tuple: shape },
          { call: "numpy.dtype", args: ["f4", false, true], state: { tuple: [3, order, null, null, null, -1, -1, 0] } },
          fortran,
          bytes,
        ],
      },
    });
    const latin = { call: "_codecs.encode", args: [String.fromCharCode(...six), "latin1"] };
    const file = writeZipForm(
      {
        dict: [
          ["c", array("numpy.core", "<", false, [2, 3], latin)],
          ["f", array("numpy._core", "<", true, [2, 3], six)],
          ["b", array("numpy._core", ">", false, [1], Uint8Array.of(0x3f, 0x80, 0, 0))],
          ["short", array("numpy.core", "<", false, [9], six)],
        ],
      },
      {},
    );
    expect(await values(file, "c")).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await values(file, "f")).toEqual([1, 3, 5, 2, 4, 6]);
    expect(await values(file, "b")).toEqual([1]);
    expect((await openBytes({ f: file })).info.tensors[3].problem).toBe(
      'f: array "short": an array of shape [9] and dtype F32 should end at byte 36, but the file ends at byte 24. It was cut off, or its header is wrong.',
    );
  });
});

describe("the legacy form", () => {
  const stateDict = ordered(
    ["w", tensor(storage("a", 6, "torch.FloatStorage", null), [3, 2], [1, 3])],
    ["view", tensor(storage("a", 6, "torch.FloatStorage", { tuple: ["v", 2, 3] }), [3])],
    ["h", tensor(storage("b", 2, "torch.HalfStorage", null), [2])],
  );
  const file = writeLegacyForm(stateDict, [
    ["a", six],
    ["b", Uint8Array.of(0, 0x3c, 0, 0x40), 2],
  ]);
  test.each(["w.pth", "nothing"])("%s opens by content", async (name) => {
    const { info, tensor: of } = await openBytes({ [name]: file });
    expect(info).toMatchObject({ kind: "pytorch", notes: [] });
    const read = async (n: string) => [...(await of(n).read(0, of(n).info.elements))];
    expect(await read("w")).toEqual([1, 4, 2, 5, 3, 6]);
    expect(await read("view")).toEqual([3, 4, 5]);
    expect(await read("h")).toEqual([1, 2]);
  });

  test("pickles longer than the first window", async () => {
    const names = Array.from({ length: 3000 }, (_, i): [Py, Py] => [
      `layer.${i}.with.a.long.name`,
      tensor(storage("a", 6), [6]),
    ]);
    const { info, tensor: of } = await openBytes({ f: writeLegacyForm(ordered(...names), [["a", six]]) });
    expect(info.tensors).toHaveLength(3000);
    expect([...(await of("layer.2999.with.a.long.name").read(0, 2))]).toEqual([1, 2]);
  });

  test("cut off among the storages, the whole ones stay", async () => {
    const { info, tensor: of } = await openBytes({ f: file.slice(0, -1) });
    const problem = info.notes[0];
    expect(problem).toMatch(
      /^f: storage b, 2 of 2, should take bytes \d+ to \d+, but the file ends at byte \d+\. It was cut off or is damaged\.$/,
    );
    expect(info.tensors.map((t) => t.problem)).toEqual([undefined, undefined, problem]);
    expect([...(await of("w").read(0, 2))]).toEqual([1, 4]);
  });

  test("the tar form is named", async () => {
    const tar = new Uint8Array(1024);
    tar.set(utf8("storages"), 0);
    tar.set(utf8("ustar"), 257);
    expect(await refusal({ f: tar })).toBe(
      "f is a tar archive as PyTorch wrote it before version 0.2, in 2017. It is not read: load it in PyTorch and save it again.",
    );
  });
});
