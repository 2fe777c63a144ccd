import { describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats } from "../bytes-for-test.ts";
import { type Fields, graphProto, message, packed, tensorProto, writeModel } from "./write-for-test.ts";

const FLOAT = 1;
const initializers = (...tensors: Fields[]) => writeModel(graphProto([], tensors));

async function read(files: Record<string, Uint8Array>, name: string): Promise<number[]> {
  const { info, read: range } = (await openBytes(files)).tensor(name);
  return [...(await range(0, info.elements))];
}

test.each(["model.onnx", "holiday.jpg"])("%s opens by content", async (name) => {
  const file = initializers(tensorProto("w", [2, 3], FLOAT, floats(1, 2, 3, 4, 5, 6)));
  const { info, tensor } = await openBytes({ [name]: file });
  expect(info).toMatchObject({ kind: "onnx", notes: [], metadata: { producer_name: "a test" } });
  expect(info.tensors).toHaveLength(1);
  expect(info.tensors[0]).toMatchObject({ name: "w", dtype: "F32", shape: [2, 3], bytes: { file: name } });
  const { begin, end } = info.tensors[0].bytes!;
  expect(file.slice(begin, end)).toEqual(floats(1, 2, 3, 4, 5, 6));
  expect([...(await tensor("w").read(2, 5))]).toEqual([3, 4, 5]);
});

test("long metadata and settings of nodes are passed over", async () => {
  const labels = {
    op: "LabelEncoder",
    outputs: ["l"],
    attributes: {
      keys: [
        [9, "a"],
        [9, "x".repeat(9000)],
        [7, floats(1, 2)],
      ] as Fields,
    },
  };
  const graph = graphProto([labels], [tensorProto("w", [1], FLOAT, floats(7))]);
  const file = writeModel(graph, [
    [
      14,
      [
        [1, "names"],
        [2, "n".repeat(5000)],
      ],
    ],
  ]);
  const { info } = await openBytes({ f: file });
  expect(info.tensors.map((t) => t.name)).toEqual(["w"]);
  expect(info.metadata.names).toBe("(text of 5.0 kB)");
});

test("a long description before the graph", async () => {
  const graph = graphProto([], [tensorProto("w", [1], FLOAT, floats(7))]);
  const described: Fields = [
    [1, 8],
    [2, "a test"],
    [5, 300],
    [6, "long ".repeat(4000)],
    [7, graph],
    [8, [[2, 17]]],
  ];
  expect(await read({ f: message(described) }, "w")).toEqual([7]);
  expect(
    await refusal({
      f: message([
        [1, 8],
        [2, "a test"],
        [6, "long ".repeat(4000)],
      ]),
    }),
  ).toMatch(/^f is of a type that is not known here\./);
});

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

test.each<[string, number, Uint8Array, number[]]>([
  ["U8", 2, Uint8Array.of(1, 255), [1, 255]],
  ["I8", 3, Uint8Array.of(1, 255), [1, -1]],
  ["U16", 4, bytesOf(Uint16Array.of(1, 65535)), [1, 65535]],
  ["I16", 5, bytesOf(Int16Array.of(1, -2)), [1, -2]],
  ["I32", 6, bytesOf(Int32Array.of(1, -2)), [1, -2]],
  ["I64", 7, bytesOf(BigInt64Array.of(1n, -2n)), [1, -2]],
  ["BOOL", 9, Uint8Array.of(0, 1), [0, 1]],
  ["F16", 10, bytesOf(Uint16Array.of(0x3c00, 0xc000)), [1, -2]],
  ["F64", 11, bytesOf(Float64Array.of(0.5, -2)), [0.5, -2]],
  ["U32", 12, bytesOf(Uint32Array.of(1, 2)), [1, 2]],
  ["U64", 13, bytesOf(BigUint64Array.of(1n, 2n)), [1, 2]],
  ["BF16", 16, bytesOf(Uint16Array.of(0x3f80, 0xc000)), [1, -2]],
  ["F8_E4M3", 17, Uint8Array.of(0x38, 0xc0), [1, -2]],
  ["F8_E4M3FNUZ", 18, Uint8Array.of(0x40, 0xc8), [1, -2]],
  ["F8_E5M2", 19, Uint8Array.of(0x3c, 0xc0), [1, -2]],
  ["F8_E5M2FNUZ", 20, Uint8Array.of(0x40, 0xc4), [1, -2]],
  ["U4", 21, Uint8Array.of(0xf1, 0x07), [1, 15, 7]],
  ["I4", 22, Uint8Array.of(0xf1, 0x08), [1, -1, -8]],
  ["F4", 23, Uint8Array.of(0xc2, 0x07), [1, -2, 6]],
  ["F8_E8M0", 24, Uint8Array.of(127, 128), [1, 2]],
  ["U2", 25, Uint8Array.of(0b11_10_01_00), [0, 1, 2, 3]],
  ["I2", 26, Uint8Array.of(0b11_10_01_00), [0, 1, -2, -1]],
])("%s, as raw bytes and as numbers", async (dtype, type, bytes, values) => {
  const width: Record<string, number> = { U16: 2, I16: 2, F16: 2, BF16: 2, I32: 4, U32: 4, I64: 8, U64: 8, F64: 8 };
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const numbers: (number | bigint)[] = [];
  for (let at = 0; at < bytes.length; at += width[dtype] ?? 1) {
    if (dtype === "I8") numbers.push(view.getInt8(at));
    else if (dtype === "I16") numbers.push(view.getInt16(at, true));
    else if (dtype === "I32") numbers.push(view.getInt32(at, true));
    else if (dtype === "U32") numbers.push(view.getUint32(at, true));
    else if (width[dtype] === 8) numbers.push(view.getBigInt64(at, true));
    else numbers.push(width[dtype] === 2 ? view.getUint16(at, true) : view.getUint8(at));
  }
  const field = dtype === "I64" ? 7 : dtype === "U32" || dtype === "U64" ? 11 : 5;
  const typed: Fields = dtype === "F64" ? [[10, bytes]] : [[field, packed(...numbers)]];
  const single: Fields = dtype === "F64" ? [[10, bytes]] : numbers.map((n): [number, number | bigint] => [field, n]);
  const file = initializers(
    tensorProto("raw", [values.length], type, bytes),
    tensorProto("typed", [values.length], type, typed),
    tensorProto("single", [values.length], type, single),
  );
  for (const name of ["raw", "typed", "single"]) expect(await read({ f: file }, name)).toEqual(values);
  expect((await openBytes({ f: file })).info.tensors.map((t) => t.dtype)).toEqual([dtype, dtype, dtype]);
});

test("floats in one piece are read by range, in several they are put together", async () => {
  const file = initializers(
    tensorProto("one", [3], FLOAT, [[4, floats(1, 2, 3)]]),
    tensorProto("two", [3], FLOAT, [
      [4, floats(1)],
      [4, floats(2, 3)],
    ]),
  );
  const { info } = await openBytes({ f: file });
  const { begin, end } = info.tensors[0].bytes!;
  expect(file.slice(begin, end)).toEqual(floats(1, 2, 3));
  expect(await read({ f: file }, "one")).toEqual([1, 2, 3]);
  expect(await read({ f: file }, "two")).toEqual([1, 2, 3]);
});

describe("where weights are", () => {
  const pair = (name: string, ...values: number[]) => tensorProto(name, [values.length], FLOAT, floats(...values));
  const constant = (output: string, fields: Fields) => ({
    op: "Constant",
    outputs: [output],
    attributes: { value: fields },
  });
  const branch = (value: number) =>
    graphProto(
      [
        constant("c", [[5, pair("", value, value + 1)]]),
        { op: "Loop", name: "inner", attributes: { body: [[6, graphProto([], [pair("deep", value, 9)])]] } },
      ],
      [pair("w", value, value)],
    );
  const file = writeModel(
    graphProto(
      [
        constant("scalar", [[5, tensorProto("", [], FLOAT, floats(5))]]),
        constant("one", [[5, tensorProto("", [1, 1], FLOAT, floats(5))]]),
        {
          op: "Constant",
          outputs: ["list"],
          attributes: {
            value_floats: [
              [7, floats(1).slice()],
              [7, floats(2)],
            ],
          },
        },
        {
          op: "Constant",
          outputs: ["integers"],
          attributes: {
            value_ints: [
              [8, 300],
              [8, -1],
            ],
          },
        },
        { op: "If", name: "If_0", attributes: { then_branch: [[6, branch(10)]], else_branch: [[6, branch(20)]] } },
        { op: "Custom", outputs: ["y"], attributes: { table: [[5, pair("", 3, 4)]] } },
      ],
      [pair("w", 1, 2)],
      [
        [
          15,
          [
            [1, pair("sparse", 1, 2)],
            [2, tensorProto("", [2], 7, [[7, packed(0, 5)]])],
            [3, packed(8)],
          ],
        ],
      ],
    ),
    [
      [
        14,
        [
          [1, "key"],
          [2, "value"],
        ],
      ],
      [20, [[1, graphProto([], [pair("start", 7, 8)])]]],
      [
        25,
        [
          [1, "Function"],
          [
            7,
            [
              [2, "inside"],
              [4, "Constant"],
              [
                5,
                [
                  [1, "value"],
                  [5, pair("", 6, 7)],
                ],
              ],
            ],
          ],
        ],
      ],
    ],
  );
  test("all of them are listed, under names that differ", async () => {
    const { info, tensor } = await openBytes({ f: file });
    const values: Record<string, number[]> = {};
    for (const { name, problem, elements } of info.tensors)
      if (!problem) values[name] = [...(await tensor(name).read(0, elements))];
    expect(values).toEqual({
      ...{ list: [1, 2], integers: [300, -1], c: [10, 11], deep: [10, 9], w: [10, 10] },
      ...{
        "If_0.else_branch/c": [20, 21],
        "If_0.else_branch.inner.body/deep": [20, 9],
        "If_0.else_branch/w": [20, 20],
      },
      ...{ "y.table": [3, 4], "w (2)": [1, 2], start: [7, 8], inside: [6, 7] },
      sparse: [1, 0, 0, 0, 0, 2, 0, 0],
    });
    expect(info.notes).toEqual(["f: left out 2 constants of a single number."]);
    expect(info.metadata).toEqual({ producer_name: "a test", key: "value" });
    expect(info.tensors.filter((t) => t.problem)).toEqual([]);
  });

  test("matrices that are multiplied by from the right have their outputs as columns", async () => {
    const matrix = (name: string) => tensorProto(name, [2, 3], FLOAT, floats(1, 2, 3, 4, 5, 6));
    const model = writeModel(
      graphProto(
        [
          { op: "MatMul", inputs: ["x", "right"], outputs: ["a"] },
          { op: "MatMul", inputs: ["left", "x"], outputs: ["b"] },
          { op: "Gemm", inputs: ["x", "plain"], outputs: ["c"] },
          { op: "Gemm", inputs: ["x", "transposed"], outputs: ["d"], attributes: { transB: [[3, 1]] } },
          { op: "DequantizeLinear", inputs: ["q", "s"], outputs: ["dq"] },
          { op: "MatMul", inputs: ["x", "dq"], outputs: ["e"] },
          { op: "FusedMatMul", inputs: ["x", "fused"], outputs: ["g"], attributes: { transB: [[3, 1]] } },
          { op: "LSTM", inputs: ["x", "recurrent"], outputs: ["f"] },
        ],
        [
          ...["right", "left", "plain", "transposed", "q", "fused"].map(matrix),
          tensorProto("recurrent", [1, 3, 2], FLOAT, floats(1, 2, 3, 4, 5, 6)),
        ],
      ),
    );
    const { info, matrix: view } = await openBytes({ f: model });
    expect(info.tensors.map((t) => t.view.transpose)).toEqual([true, false, true, false, true, false, false]);
    expect(view("recurrent")).toMatchObject({ rows: 3, cols: 2 });
    expect([...(await view("right").read(0, 1))]).toEqual([1, 4]);
  });
});

test.each<[string, Fields, string]>([
  ["too few bytes", tensorProto("w", [3], FLOAT, floats(1, 2)), "of shape [3] takes 12 bytes, but has 8"],
  ["text", tensorProto("w", [1], 8, [[6, "x"]]), "holds texts, not numbers"],
  ["complex", tensorProto("w", [1], 14, floats(1, 2)), "holds complex numbers, which no number format here quantizes"],
  ["a new type", tensorProto("w", [1], 99, floats(1)), "is of the element type 99, which is not known here"],
  ["a negative size", tensorProto("w", [-1], FLOAT, floats(1)), "has a shape that cannot be counted"],
  ["2^53 elements", tensorProto("w", [2 ** 40, 2 ** 20], FLOAT, floats(1)), "has a shape that cannot be counted"],
  [
    "a segment",
    tensorProto("w", [1], FLOAT, [
      [3, [[1, 0]]],
      [9, floats(1)],
    ]),
    "is one segment of a tensor, which is not read",
  ],
  [
    "too few numbers",
    tensorProto("w", [9], 7, [[7, packed(1, 2)]]),
    "has 2 bytes of numbers for 9 of them. The file is damaged",
  ],
])("%s spoils one tensor only", async (_, tensor, problem) => {
  const { info } = await openBytes({ f: initializers(tensor, tensorProto("ok", [1], FLOAT, floats(1))) });
  expect(info.tensors.map((t) => t.problem)).toEqual([`f: tensor "w" ${problem}.`, undefined]);
});

test("a wrong number of varints is told when they are read", async () => {
  const file = initializers(
    tensorProto("w", [2], 7, [[7, packed(1, 2, 3)]]),
    tensorProto("v", [3], 7, [[7, packed(1, 300)]]),
  );
  await expect(read({ f: file }, "w")).rejects.toThrow(
    'f: tensor "w" should have 2 numbers, but they are too many. The file is damaged.',
  );
  await expect(read({ f: file }, "v")).rejects.toThrow(
    'f: tensor "v" should have 3 numbers, but has 2. The file is damaged.',
  );
});

test("a model without a graph, and graphs without end", async () => {
  expect(
    await refusal({
      f: message([
        [1, 8],
        [2, "x"],
      ]),
    }),
  ).toMatch(/^f is of a type that is not known here\./);
  let deep: Fields = graphProto([]);
  for (let i = 0; i < 20; i++) deep = graphProto([{ op: "If", name: "n", attributes: { b: [[6, deep]] } }]);
  expect(await refusal({ f: writeModel(deep) })).toBe(
    "f: the ONNX model has graphs inside of graphs deeper than 16 levels.",
  );
});
