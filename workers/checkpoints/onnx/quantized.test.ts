import { describe, expect, test } from "vitest";
import { openBytes } from "../../testing/open-bytes.ts";
import { floats } from "../bytes-for-test.ts";
import { type Fields, graphProto, message, packed, type TestNode, tensorProto, writeModel } from "./write-for-test.ts";

const [FLOAT, UINT8, INT8, INT64, UINT4, INT4] = [1, 2, 3, 7, 21, 22];
const raw = (...bytes: number[]) => Uint8Array.from(bytes, (byte) => byte & 255);
const attribute = (value: number): Fields => [[3, value]];

async function opened(nodes: readonly TestNode[], initializers: readonly Fields[], more: Fields = []) {
  const { info, tensor } = await openBytes({ f: writeModel(graphProto(nodes, initializers, more)) });
  return { info, values: async (name: string) => [...(await tensor(name).read(0, tensor(name).info.elements))] };
}
const dequantize = (inputs: string[], attributes: Record<string, Fields> = {}): TestNode => ({
  ...{ op: "DequantizeLinear", inputs, outputs: ["w"], attributes },
});

describe("weights behind DequantizeLinear", () => {
  const codes = raw(1, -2, 3, -4, 5, -6);

  test("one scale for all", async () => {
    const { info, values } = await opened(
      [dequantize(["q", "s"])],
      [tensorProto("q", [2, 3], INT8, codes), tensorProto("s", [], FLOAT, floats(0.5))],
    );
    expect(await values("q")).toEqual([0.5, -1, 1.5, -2, 2.5, -3]);
    expect(info.tensors.map(({ name }) => name)).toEqual(["q"]);
    expect(info.tensors[0]).toMatchObject({
      ...{ dtype: "int8", shape: [2, 3] },
      stored: { kind: { layout: "DequantizeLinear INT8", recipe: "int8(half)/tensor", source: "the file" } },
    });
  });

  test("a scale from a Constant node, which is not listed otherwise", async () => {
    const constant = (name: string, value: number): TestNode => ({
      ...{ op: "Constant", outputs: [name] },
      attributes: { value: [[5, tensorProto("", [], FLOAT, floats(value))]] },
    });
    const { info, values } = await opened(
      [constant("s", 0.25), constant("other", 3), dequantize(["q", "s"])],
      [tensorProto("q", [2, 3], INT8, codes)],
    );
    expect(await values("q")).toEqual([0.25, -0.5, 0.75, -1, 1.25, -1.5]);
    expect(info.notes[0]).toBe("f: left out 1 constants of a single number.");
  });

  test.each([
    [0, [2], [0.5, 2], [0.5, -1, 1.5, -8, 10, -12], "/row"],
    [1, [3], [1, 2, 4], [1, -4, 12, -4, 10, -24], "/col"],
    [-1, [3], [1, 2, 4], [1, -4, 12, -4, 10, -24], "/col"],
    [-2, [2], [0.5, 2], [0.5, -1, 1.5, -8, 10, -12], "/row"],
  ] as const)("a scale for each index of axis %d", async (axis, shape, scales, wanted, block) => {
    const { info, values } = await opened(
      [dequantize(["q", "s"], { axis: attribute(axis) })],
      [tensorProto("q", [2, 3], INT8, codes), tensorProto("s", shape, FLOAT, floats(...scales))],
    );
    expect(await values("q")).toEqual(wanted);
    expect(info.tensors[0].stored?.kind.recipe).toBe(`int8(half)${block}`);
  });

  test("in the middle of four dimensions, with zero points", async () => {
    const bytes = Uint8Array.from({ length: 2 * 3 * 2 * 2 }, (_, i) => 10 * i);
    const { values } = await opened(
      [dequantize(["q", "s", "z"])],
      [
        tensorProto("q", [2, 3, 2, 2], UINT8, bytes),
        tensorProto("s", [3], FLOAT, floats(1, 0.5, 2)),
        tensorProto("z", [3], UINT8, raw(1, 2, 3)),
      ],
    );
    const [scales, zeros] = [
      [1, 0.5, 2],
      [1, 2, 3],
    ];
    expect(await values("q")).toEqual(
      [...bytes].map((code, i) => (code - zeros[Math.floor(i / 4) % 3]) * scales[Math.floor(i / 4) % 3]),
    );
  });

  test.each([
    [1, 2, [2, 2], (r: number, c: number) => r * 2 + Math.floor(c / 2)],
    [0, 2, [1, 3], (_: number, c: number) => c],
  ] as const)("blocks along axis %d, the last cut", async (axis, run, shape, at) => {
    const scales = [0.5, 2, 4, 8].slice(0, shape[0] * shape[1]);
    const { info, values } = await opened(
      [dequantize(["q", "s"], { axis: attribute(axis), block_size: attribute(run) })],
      [tensorProto("q", [2, 3], INT8, codes), tensorProto("s", [...shape], FLOAT, floats(...scales))],
    );
    const plain = [1, -2, 3, -4, 5, -6];
    expect(await values("q")).toEqual(plain.map((code, i) => code * scales[at(Math.floor(i / 3), i % 3)]));
    expect(info.tensors[0].stored?.kind.recipe).toBe(axis === 1 ? "int8(half)/2" : "int8(half)/2x1");
  });

  test("4 bits, signed and not, that begin within a byte", async () => {
    const nibbles = raw(0x21, 0xf3, 0x84, 0x07);
    const [low, signed] = [
      [1, 2, 3, 15, 4, 8, 7],
      [1, 2, 3, -1, 4, -8, 7],
    ];
    for (const [type, wanted] of [
      [UINT4, low],
      [INT4, signed],
    ] as const) {
      const { values } = await opened(
        [dequantize(["q", "s"])],
        [tensorProto("q", [7, 1], type, nibbles), tensorProto("s", [], FLOAT, floats(0.5))],
      );
      expect(await values("q")).toEqual(wanted.map((code) => code / 2));
    }
  });

  test("what does not fit is shown as stored, with the reason and a warning", async () => {
    const { info, values } = await opened(
      [dequantize(["q", "s"], { axis: attribute(1) })],
      [tensorProto("q", [2, 3], INT8, codes), tensorProto("s", [2], FLOAT, floats(1, 2))],
    );
    expect(await values("q")).toEqual([1, -2, 3, -4, 5, -6]);
    expect(info.notes[0]).toBe(
      "q looks like a weight whose file says how it is decoded and is shown as stored: s has 2 scales for 3 along axis 1.",
    );
    expect(info.tensors[0].warning).toContain("I8 codes as they are stored");
  });
});

test("weights of quantized convolutions and products have the scales of their operator", async () => {
  const conv: TestNode = { op: "QLinearConv", inputs: ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"], outputs: ["y"] };
  const product: TestNode = {
    op: "QLinearMatMul",
    inputs: ["x", "xs", "xz", "m", "ms", "mz", "ys", "yz"],
    outputs: ["z"],
  };
  const { values } = await opened(
    [conv, product],
    [
      tensorProto("w", [2, 1, 1, 2], INT8, raw(1, 2, 3, 4)),
      tensorProto("ws", [2], FLOAT, floats(1, 10)),
      tensorProto("wz", [2], INT8, raw(0, 1)),
      tensorProto("m", [2, 2], UINT8, raw(130, 126, 128, 128)),
      tensorProto("ms", [2], FLOAT, floats(1, 2)),
      tensorProto("mz", [2], UINT8, raw(128, 128)),
    ],
  );
  expect(await values("w")).toEqual([1, 2, 20, 30]);
  expect(await values("m")).toEqual([2, -4, 0, 0]);
});

test("codes that an operator reads in a way that is not decoded are warned of", async () => {
  const { info } = await opened(
    [{ op: "MatMulInteger", inputs: ["x", "w"], outputs: ["y"] }],
    [tensorProto("w", [2, 2], INT8, raw(1, 2, 3, 4)), tensorProto("plain", [2, 2], FLOAT, floats(1, 2, 3, 4))],
  );
  expect(info.tensors.map(({ warning }) => warning)).toEqual([
    "I8 codes as they are stored, not the weight's values: MatMulInteger reads them, and no layout known here decodes it",
    undefined,
  ]);
});

describe("MatMulNBits", () => {
  const node = (inputs: string[], numbers: Record<string, number>): TestNode => ({
    ...{ op: "MatMulNBits", inputs, outputs: ["y"] },
    attributes: Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, attribute(value)])),
  });

  test.each([2, 4, 8])("%d bits without zero points, the last block of a row not full", async (bits) => {
    const [N, K, block] = [3, 20, 16];
    const count = N * 32;
    const codes = Array.from({ length: count }, (_, i) => (i * 7) % 2 ** bits);
    const bytes = new Uint8Array((count * bits) / 8);
    for (const [i, code] of codes.entries()) bytes[Math.floor((i * bits) / 8)] += code * 2 ** ((i * bits) % 8);
    const scales = [1, 2, 4, 0.5, 0.25, 8];
    const { info, values } = await opened(
      [node(["x", "q", "s"], { N, K, bits, block_size: block })],
      [tensorProto("q", [N, 2, (block * bits) / 8], UINT8, bytes), tensorProto("s", [N * 2], FLOAT, floats(...scales))],
    );
    const middle = 2 ** (bits - 1);
    expect(await values("q")).toEqual(
      Array.from({ length: N * K }, (_, i) => {
        const [row, col] = [Math.floor(i / K), i % K];
        return (codes[32 * row + col] - middle) * scales[2 * row + Math.floor(col / block)];
      }),
    );
    expect(info.tensors[0]).toMatchObject({ shape: [N, K], stored: { kind: { recipe: `int${bits}(half)/16` } } });
  });

  test("with groups of its own, and zero points that are numbers", async () => {
    const { values } = await opened(
      [node(["x", "q", "s", "z", "g"], { N: 1, K: 4, bits: 8, block_size: 2 })],
      [
        tensorProto("q", [1, 2, 2], UINT8, raw(10, 20, 30, 40)),
        tensorProto("s", [2], FLOAT, floats(1, 2)),
        tensorProto("z", [2], FLOAT, floats(0.5, 10)),
        tensorProto("g", [4], 6, [[5, packed(1, 0, 1, 0)]]),
      ],
    );
    expect(await values("q")).toEqual([0, 19.5, 40, 39.5]);
  });

  test.each([
    [{ N: 4, K: 40, bits: 5, block_size: 32 }, "MatMulNBits of 5 bits in blocks of 32 for [4, 40] is not decoded"],
    [{ N: 4, K: 400, bits: 4, block_size: 32 }, "q has 128 bytes, where 4 rows of 13 blocks take 832"],
    [{ K: 40, bits: 4, block_size: 32 }, "MatMulNBits of 4 bits in blocks of 32 for [0, 40] is not decoded"],
  ])("of sizes %j is shown as stored, with the reason", async (numbers, why) => {
    const { info } = await opened(
      [node(["x", "q", "s"], numbers as Record<string, number>)],
      [
        tensorProto("q", [4, 2, 16], UINT8, new Uint8Array(128)),
        tensorProto("s", [8], FLOAT, floats(1, 2, 3, 4, 5, 6, 7, 8)),
      ],
    );
    expect(info.notes[0]).toContain(`is shown as stored: ${why}.`);
    expect(info.tensors[0].warning).toContain(why);
  });
});

describe("sparse initializers", () => {
  const sparse = (indices: Fields, dims: number[], values = floats(1, 2)): Fields => [
    [
      15,
      [
        [1, tensorProto("sp", [values.length / 4], FLOAT, values)],
        [2, indices],
        ...dims.map((size): [number, number] => [3, size]),
      ],
    ],
  ];
  const pairs = tensorProto("", [2, 2], INT64, [[7, packed(0, 1, 2, 0)]]);

  test("stand where their indices say, by number or by place", async () => {
    const byPlace = await opened([], [], sparse(pairs, [3, 2]));
    expect(await byPlace.values("sp")).toEqual([0, 1, 0, 0, 2, 0]);
    expect(byPlace.info.tensors[0]).toMatchObject({ shape: [3, 2], elements: 6, dtype: "F32" });
    const byNumber = await opened([], [], sparse(tensorProto("", [2], INT64, [[7, packed(1, 4)]]), [3, 2]));
    expect(await byNumber.values("sp")).toEqual([0, 1, 0, 0, 2, 0]);
  });

  test.each([
    [
      tensorProto("", [3], INT64, [[7, packed(0, 1, 2)]]),
      [3, 2],
      "is sparse, with 3 indices for 2 values in 2 dimensions",
    ],
    [pairs, [2 ** 30, 2 ** 10], "is sparse and would take"],
    [pairs, [2 ** 40, 2 ** 40], "has a shape that cannot be counted"],
  ])("that do not fit are listed with the reason", async (indices, dims, why) => {
    const { info } = await opened([], [], sparse(indices as Fields, dims as number[]));
    expect(info.tensors[0].problem).toContain(why);
  });

  test("a value outside is told when it is read", async () => {
    const { values } = await opened([], [], sparse(pairs, [2, 2]));
    await expect(values("sp")).rejects.toThrow('f: tensor "sp" is sparse and has a value at 2, of 2.');
  });

  test("more dimensions than a tensor has refuse the file", async () => {
    const model = message([
      [1, 8],
      [7, graphProto([], [], sparse(pairs, Array(65).fill(1)))],
      [8, [[2, 17]]],
    ]);
    await expect(openBytes({ f: model })).rejects.toThrow("f: a sparse tensor has more than 64 dimensions, the limit.");
  });
});
