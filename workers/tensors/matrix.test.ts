import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TensorCache } from "./cache.ts";
import { held, heldTransposed } from "./held.ts";
import { matrixOf } from "./matrix.ts";
import { countElements, matrixShape } from "./shape.ts";
import { brokenTensor, defaultView, memoryTensor, type Tensor } from "./tensor.ts";

function counting(shape: number[], name = "t"): Tensor & { reads: [number, number][] } {
  const elements = countElements(shape);
  const info = { name, dtype: "F32", shape, elements, view: defaultView(shape) };
  const inner = memoryTensor(
    info,
    Float32Array.from({ length: elements }, (_, i) => i),
  );
  const reads: [number, number][] = [];
  return {
    ...inner,
    reads,
    read(begin, end) {
      reads.push([begin, end]);
      return inner.read(begin, end);
    },
  };
}

describe("the usual view", () => {
  test.each([
    [[], undefined, 0, false, 1, 1],
    [[7], undefined, 0, false, 1, 7],
    [[4, 3], undefined, 1, false, 4, 3],
    [[4, 3, 2, 2], undefined, 1, false, 4, 12],
    [[4, 3], "tensorflow", 1, true, 3, 4],
    [[3, 3, 8, 16], "tensorflow", 3, true, 16, 72],
    [[5, 8, 16], "tensorflow", 2, true, 16, 40],
    [[7], "tensorflow", 0, false, 1, 7],
    [[4, 3], "paddle", 1, true, 3, 4],
    [[16, 8, 3, 3], "paddle", 1, false, 16, 72],
    [[4, 3], "constructor", 1, false, 4, 3],
  ] as const)("%j of %s", (shape, layout, split, transpose, rows, cols) => {
    const view = defaultView(shape, layout);
    expect(view).toEqual({ split, transpose });
    expect(matrixShape("t", shape, view)).toEqual({ rows, cols });
  });
});

test("any view of any shape reads the right elements, held in memory or not", async () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(), fc.boolean(), fc.boolean(), async (shape, at, transpose, fits) => {
      const view = { split: at % (shape.length + 1), transpose };
      const tensor = counting(shape);
      const matrix = matrixOf(tensor, view, new TensorCache(fits || transpose ? 1e6 : 0), "t");
      const { rows, cols } = matrix;
      expect(rows * cols).toBe(tensor.info.elements);
      for (let r = 0; r < rows; r++) {
        const expected = Array.from({ length: cols }, (_, c) => (transpose ? c * rows + r : r * cols + c));
        expect([...(await matrix.read(r, r + 1))]).toEqual(expected);
      }
    }),
  );
});

test("up to the budget a tensor is decoded once, above it by the rows asked for", async () => {
  const small = counting([8, 4]);
  const kept = matrixOf(small, { split: 1, transpose: false }, new TensorCache(128), "t");
  await kept.read(0, 2);
  await kept.read(6, 8);
  expect(small.reads).toEqual([[0, 32]]);
  const large = counting([8, 4]);
  const tiled = matrixOf(large, { split: 1, transpose: false }, new TensorCache(127), "t");
  await tiled.read(0, 2);
  await tiled.read(6, 8);
  expect(large.reads).toEqual([
    [0, 8],
    [24, 32],
  ]);
});

test("what cannot be seen as that matrix is refused", () => {
  const cache = new TensorCache(127);
  const transposed = { split: 1, transpose: true };
  expect(() => matrixOf(counting([8, 4]), transposed, cache, "t")).toThrow(
    "t can only be read transposed if it is held in memory as a whole: that takes 128 bytes, and 127 bytes are allowed. Choose the view that is not transposed.",
  );
  expect(() => matrixOf(counting([8, 4]), { split: 3, transpose: false }, cache, "t")).toThrow(
    "t: a view splits the 2 dimensions of [8, 4] after 0 to 2 of them, not after 3.",
  );
  expect(() => matrixOf(counting([0]), { split: 0, transpose: false }, cache, "t")).toThrow(
    "t has no elements: its shape is [0].",
  );
  const broken = brokenTensor(counting([2]).info, "it is broken");
  expect(() => matrixOf(broken, { split: 0, transpose: false }, cache, "t")).toThrow("it is broken");
});

describe("the cache", () => {
  const make = () => held(counting([10]));
  test("gives up what was used longest ago, and never holds more than its budget", () => {
    const cache = new TensorCache(100);
    const a = cache.get("a", 40, make);
    const b = cache.get("b", 40, make);
    expect(cache.get("a", 40, make)).toBe(a);
    cache.get("c", 40, make);
    expect(cache.bytes).toBe(80);
    expect(cache.get("a", 40, make)).toBe(a);
    expect(cache.get("b", 40, make)).not.toBe(b);
    expect(cache.bytes).toBe(80);
  });
  test("a source's tensors are forgotten together", () => {
    const cache = new TensorCache(100);
    cache.get("1:a", 40, make);
    cache.get("10:a", 40, make);
    cache.forget("1:");
    expect(cache.bytes).toBe(40);
  });
});

describe("what is held", () => {
  test("is asked for ahead by who reads on, and never beyond the tensor", async () => {
    const tensor = counting([2 ** 21]);
    const memory = held(tensor);
    await memory.range(0, 2 ** 16);
    await memory.range(2 ** 16, 2 ** 17);
    expect(tensor.reads).toHaveLength(1);
    await memory.range(2 ** 17, 2 ** 18);
    expect(tensor.reads).toHaveLength(7);
    await memory.range(2 ** 18, 2 ** 19);
    expect(tensor.reads).toHaveLength(8);
    expect((await memory.range(2 ** 19, 2 ** 21)).at(-1)).toBe(2 ** 21 - 1);
    expect(tensor.reads).toHaveLength(8);
  });

  const large = [3, 2 ** 18];
  test("is decoded piece by piece as it is asked for, each piece once", async () => {
    const tensor = counting(large);
    const memory = held(tensor);
    expect((await memory.range(2 ** 18 - 1, 2 ** 18 + 1))[1]).toBe(2 ** 18);
    await Promise.all([memory.range(0, 5), memory.range(5, 9)]);
    expect(tensor.reads).toEqual([
      [0, 2 ** 18],
      [2 ** 18, 2 ** 19],
    ]);
  });
  test.each([
    ["as stored", held],
    ["transposed", (tensor: Tensor) => heldTransposed(tensor, 3, 2 ** 18)],
  ])("%s, is tried again after a failure", async (_, make) => {
    const tensor = counting(large);
    let failures = 1;
    const memory = make({
      ...tensor,
      read: (begin, end) => (failures-- > 0 ? Promise.reject(new Error("no")) : tensor.read(begin, end)),
    });
    await expect(memory.range(0, 3)).rejects.toThrow("no");
    expect((await memory.range(0, 3))[0]).toBe(0);
  });
  test("a tensor there is no memory for is told", () => {
    const tensor = counting([1]);
    expect(() => held({ ...tensor, info: { ...tensor.info, elements: 2 ** 50 } })).toThrow(
      "t takes 4.5 PB of memory, which is not to be had now.",
    );
  });
});
