import { describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats } from "../bytes-for-test.ts";
import { sameModel } from "./split.ts";
import { type TestPair, type TestTensor, writeGguf } from "./write-for-test.ts";

const tensor = (name: string, value: number): TestTensor => ({ name, dims: [1], type: "F32", bytes: floats(value) });

function part(no: number, count: number, tensors: TestTensor[], total: number, name?: string): Uint8Array {
  const metadata: TestPair[] = [
    ["split.no", "uint16", no],
    ["split.count", "uint16", count],
    ["split.tensors.count", "int32", total],
  ];
  if (name !== undefined) metadata.push(["general.name", "string", name]);
  return writeGguf({ metadata, tensors });
}

const parts = [
  part(0, 3, [tensor("a", 1)], 4, "model"),
  part(1, 3, [tensor("b", 2), tensor("c", 3)], 4),
  part(2, 3, [tensor("d", 4)], 4),
];
const named = (...numbers: number[]) =>
  Object.fromEntries(numbers.map((n) => [`m-0000${n}-of-00003.gguf`, parts[n - 1]]));

describe("parts of one model", () => {
  test.each<[string, Record<string, Uint8Array>]>([
    ["in order", named(1, 2, 3)],
    ["in any order", named(3, 1, 2)],
    ["under meaningless names", { "x.png": parts[1], y: parts[2], "z.txt": parts[0] }],
  ])("%s", async (_, files) => {
    const { info, tensor } = await openBytes(files);
    expect(info.tensors.map((t) => t.name)).toEqual(["a", "b", "c", "d"]);
    expect(await Promise.all(["a", "b", "c", "d"].map(async (n) => (await tensor(n).read(0, 1))[0]))).toEqual([
      1, 2, 3, 4,
    ]);
    expect(info.metadata["general.name"]).toBe("model");
    expect(info.metadata["split.no"]).toBe("0");
    expect(info.notes).toEqual(["Stored with 32.00 bits a weight on average. Tensors: 4 as F32 (32 bits)."]);
    expect(info.fingerprints).toHaveLength(3);
  });

  test("one that is missing is told", async () => {
    const { info } = await openBytes(named(1, 3));
    expect(info.tensors.map((t) => t.name)).toEqual(["a", "d"]);
    expect(info.notes[0]).toBe(
      "m-00001-of-00003.gguf: of the 3 parts of this model, 1 is missing or cannot be read: 2.",
    );
    expect((await openBytes({ lost: parts[1] })).info.notes[0]).toBe(
      "lost: of the 3 parts of this model, 2 are missing or cannot be read: 1, 3.",
    );
  });

  test.each([[[1, 2, 3]], [[2, 1, 3]]])("one that is damaged is told once (given as %j)", async (order) => {
    const files = { ...named(...order), "m-00002-of-00003.gguf": parts[1].slice(0, 80) };
    const { info } = await openBytes(files);
    expect(info.tensors.map((t) => t.name)).toEqual(["a", "d"]);
    expect(info.notes).toHaveLength(3);
    expect(info.notes[0]).toMatch(/^m-00002-of-00003\.gguf: the GGUF header needs .* ends at byte 80\./);
    expect(info.notes[1]).toMatch(/1 is missing or cannot be read: 2\.$/);
  });

  test("a tensor in two of them is listed once, with the reason", async () => {
    const again = part(2, 3, [tensor("a", 9)], 4);
    const { info } = await openBytes({ ...named(1, 2), "m-00003-of-00003.gguf": again });
    expect(info.tensors.map((t) => [t.name, t.problem])).toEqual([
      ["a", 'm-00003-of-00003.gguf: tensor "a" is in m-00001-of-00003.gguf too.'],
      ["b", undefined],
      ["c", undefined],
    ]);
  });

  test("fewer tensors than announced are told", async () => {
    const files = [part(0, 2, [tensor("a", 1)], 5), part(1, 2, [tensor("b", 1)], 5)];
    const { info } = await openBytes({ x: files[0], y: files[1] });
    expect(info.notes[0]).toBe("x: all parts together should have 5 tensors, but they have 2.");
  });

  test("when all are damaged it is refused", async () => {
    expect(await refusal({ "m-00001-of-00002.gguf": parts[0].slice(0, 30) })).toMatch(
      /the 6 bytes after it are too few/,
    );
  });
});

test("two models given together stay apart", async () => {
  const other = writeGguf({ tensors: [tensor("a", 7)] });
  const { info } = await openBytes({ ...named(1, 2, 3), "other.gguf": other });
  expect(info.tensors.map((t) => t.name)).toEqual([
    "m-00001-of-00003.gguf/a",
    "m-00001-of-00003.gguf/b",
    "m-00001-of-00003.gguf/c",
    "m-00001-of-00003.gguf/d",
    "other.gguf/a",
  ]);
});

test("parts are told by prefix and total", () => {
  const names = [
    "m-00001-of-00002.gguf",
    "m-00002-of-00002.gguf",
    "n-00002-of-00002.gguf",
    "m-00001-of-00003.gguf",
    "m",
  ];
  expect(sameModel(names[0], names)).toEqual(names.slice(0, 2));
  expect(sameModel("m", names)).toEqual(["m"]);
});
