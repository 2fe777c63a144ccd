import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dtypes } from "../../tensors/decode.ts";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats, rawSafetensors, utf8 } from "../bytes-for-test.ts";
import { looksLikeSafetensors } from "./safetensors.ts";
import { writeSafetensors } from "./write.ts";

const two = writeSafetensors(
  [
    { name: "a", dtype: "F32", shape: [2, 3], bytes: floats(1, 2, 3, 4, 5, 6) },
    { name: "b", dtype: "F32", shape: [2], bytes: floats(7, 8) },
  ],
  { made: "by a test" },
);

test("a valid file opens by its content, whatever its name", async () => {
  for (const name of ["model.safetensors", "unknown", "picture.png"]) {
    const { info, matrix } = await openBytes({ [name]: two });
    expect(info.kind).toBe("safetensors");
    expect(info.notes).toEqual([]);
    expect(info.metadata).toEqual({ made: "by a test" });
    expect(info.tensors.map((t) => [t.name, t.dtype, t.shape, t.elements, t.problem])).toEqual([
      ["a", "F32", [2, 3], 6, undefined],
      ["b", "F32", [2], 2, undefined],
    ]);
    expect([...(await matrix("a").read(1, 2))]).toEqual([4, 5, 6]);
    expect([...(await matrix("b").read(0, 1))]).toEqual([7, 8]);
  }
});

test("every dtype opens", async () => {
  const tensors = dtypes.map(({ name, bits }) => ({ name, dtype: name, shape: [8], bytes: new Uint8Array(bits) }));
  const { info, matrix } = await openBytes({ f: writeSafetensors(tensors) });
  expect(info.notes).toEqual([]);
  for (const { name, problem } of info.tensors) {
    expect(problem).toBeUndefined();
    expect([...(await matrix(name).read(0, 1))]).toEqual(new Array(8).fill(name === "F8_E8M0" ? 2 ** -127 : 0));
  }
});

test("scalars are 1 x 1, tensors without elements are listed and refused when read", async () => {
  const file = writeSafetensors([
    { name: "scalar", dtype: "F32", shape: [], bytes: floats(3) },
    { name: "empty", dtype: "F32", shape: [4, 0], bytes: new Uint8Array() },
  ]);
  const { matrix, info } = await openBytes({ f: file });
  expect(info.tensors.every((t) => t.problem === undefined)).toBe(true);
  expect(matrix("scalar")).toMatchObject({ rows: 1, cols: 1 });
  expect(() => matrix("empty")).toThrow("empty has no elements: its shape is [4, 0].");
  expect(() => matrix("other")).toThrow('f has no tensor "other".');
});

test("text whose ninth character is a brace is not taken for safetensors", () => {
  expect(looksLikeSafetensors(utf8('[      {"a":1}]'))).toBe(false);
  expect(looksLikeSafetensors(two)).toBe(true);
});

describe("a file whose header cannot be read is refused", () => {
  const cases: [string, Uint8Array, string][] = [
    [
      "cut in the header",
      two.slice(0, 40),
      "f: the header should end at byte 160, but the file ends at byte 40. It was cut off, perhaps in a download.",
    ],
    [
      "absurd length",
      rawSafetensors({}, floats(), 2n ** 60n),
      "f: the first 8 bytes say that the header is 1152921504606846976 bytes long; the limit is 100 MB. The file is damaged or of another type.",
    ],
    ["not UTF-8", rawSafetensors({}, floats(), 2n).fill(0xff, 9), "f: the header (bytes 8 to 10) is not UTF-8 text."],
    [
      "not JSON",
      rawSafetensors('{"a":}', floats()),
      'f: the header is not valid JSON: expected a value at character 5, found "}".',
    ],
    [
      "text after it",
      rawSafetensors("{}{}", floats()),
      'f: the header is not valid JSON: expected nothing more at character 2, found "{".',
    ],
    [
      "deep",
      rawSafetensors(`{"a":${"[".repeat(500)}`, floats()),
      "f: the header is not valid JSON: nested deeper than 64 levels at character 69.",
    ],
  ];
  test.each(cases)("%s", async (_, file, message) => {
    expect(await refusal({ f: file })).toBe(message);
  });
});

describe("a bad tensor is named, and the others stay usable", () => {
  const good = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const cases: [string, unknown, string][] = [
    [
      "past the end",
      { dtype: "F32", shape: [4], data_offsets: [8, 24] },
      "should take bytes @8 to @24, but the file ends at byte @16. It was cut off, or its header is wrong.",
    ],
    [
      "span too long",
      { dtype: "F32", shape: [1], data_offsets: [8, 16] },
      "of shape [1] and dtype F32 takes 4 bytes, but its data_offsets span 8.",
    ],
    [
      "span too short",
      { dtype: "F64", shape: [2], data_offsets: [8, 16] },
      "of shape [2] and dtype F64 takes 16 bytes, but its data_offsets span 8.",
    ],
    ["backwards", { dtype: "F32", shape: [2], data_offsets: [16, 8] }, "has data_offsets that run backwards: [16,8]."],
    [
      "negative",
      { dtype: "F32", shape: [2], data_offsets: [-8, 0] },
      "has data_offsets that are not two non-negative integers: [-8,0].",
    ],
    [
      "fraction",
      { dtype: "F32", shape: [2], data_offsets: [8.5, 16] },
      "has data_offsets that are not two non-negative integers: [8.5,16].",
    ],
    [
      "one offset",
      { dtype: "F32", shape: [2], data_offsets: [8] },
      "has data_offsets that are not two non-negative integers: [8].",
    ],
    ["no offsets", { dtype: "F32", shape: [2] }, "has data_offsets that are not two non-negative integers: missing."],
    [
      "unsafe integer",
      { dtype: "F32", shape: [2 ** 60], data_offsets: [8, 16] },
      `has a shape that is not a list of non-negative integers: [${2 ** 60}].`,
    ],
    [
      "too many elements",
      { dtype: "F32", shape: [2 ** 40, 2 ** 40], data_offsets: [8, 16] },
      "has more elements than can be counted: shape [1099511627776,1099511627776].",
    ],
    [
      "negative shape",
      { dtype: "F32", shape: [-2], data_offsets: [8, 16] },
      "has a shape that is not a list of non-negative integers: [-2].",
    ],
    ["no dtype", { shape: [2], data_offsets: [8, 16] }, "has no dtype."],
    ["unknown dtype", { dtype: "F3", shape: [2], data_offsets: [8, 16] }, 'has the unknown dtype "F3".'],
    [
      "complex",
      { dtype: "C64", shape: [1], data_offsets: [8, 16] },
      "holds complex numbers (C64), which no number format here quantizes.",
    ],
    [
      "half a byte",
      { dtype: "F4", shape: [3], data_offsets: [8, 10] },
      "has 3 elements of 4 bits, which do not fill whole bytes.",
    ],
    ["no object", [1, 2], "is not described by an object."],
  ];
  test.each(cases)("%s", async (_, entry, what) => {
    const file = rawSafetensors({ good, bad: entry }, floats(1, 2, 3, 4));
    const start = file.length - 16;
    const { info, matrix } = await openBytes({ f: file });
    const message = `f: tensor "bad" ${what.replace(/@(\d+)/g, (_m, n) => String(start + Number(n)))}`;
    expect(info.tensors.map((t) => t.problem)).toEqual([undefined, message]);
    expect([...(await matrix("good").read(0, 1))]).toEqual([1, 2]);
    expect(() => matrix("bad")).toThrow(message);
  });

  test("overlap", async () => {
    const file = rawSafetensors(
      {
        good,
        x: { dtype: "F32", shape: [2], data_offsets: [8, 16] },
        y: { dtype: "F32", shape: [2], data_offsets: [12, 20] },
      },
      floats(1, 2, 3, 4, 5),
    );
    const start = file.length - 20;
    const { info } = await openBytes({ f: file });
    expect(info.tensors.map((t) => t.problem)).toEqual([
      undefined,
      `f: tensor "x" overlaps "y" in bytes ${start + 12} to ${start + 16}.`,
      `f: tensor "y" overlaps "x" in bytes ${start + 12} to ${start + 16}.`,
    ]);
  });

  test("the same name twice, the same key twice", async () => {
    const one = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
    const other = '{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[4,8]}';
    const { info } = await openBytes({ f: rawSafetensors(`{"a":${one},"a":${one},"b":${other}}`, floats(1, 2)) });
    expect(info.tensors.map((t) => t.problem)).toEqual([
      'f: tensor "a" is in the header twice.',
      'f: tensor "b" has "shape" twice.',
    ]);
  });
});

test("holes, bytes at the end and odd metadata are told", async () => {
  const file = rawSafetensors(
    { __metadata__: { n: 1, layout: "x" }, a: { dtype: "F32", shape: [1], data_offsets: [4, 8] } },
    floats(0, 1, 2),
  );
  const start = file.length - 12;
  const { info } = await openBytes({ f: file });
  expect(info.notes).toEqual([
    'f: metadata "n" is not text and was left out.',
    `f: bytes ${start} to ${start + 4}, before "a", belong to no tensor.`,
    `f: bytes ${start + 8} to ${start + 12} at the end belong to no tensor.`,
  ]);
  expect(info.metadata).toEqual({ layout: "x" });
});

test("names that mean something to JavaScript are ordinary names", async () => {
  const entry = (at: number) => `{"dtype":"F32","shape":[1],"data_offsets":[${at},${at + 4}]}`;
  const header = `{"__proto__":${entry(0)},"constructor":${entry(4)},"":${entry(8)}}`;
  const { matrix } = await openBytes({ f: rawSafetensors(header, floats(1, 2, 3)) });
  for (const [i, name] of ["__proto__", "constructor", ""].entries()) {
    expect([...(await matrix(name).read(0, 1))]).toEqual([i + 1]);
  }
});

test("cut off anywhere, a file is refused or its cut tensors are named", async () => {
  for (let length = 0; length < two.length; length++) {
    try {
      const { info } = await openBytes({ f: two.slice(0, length) });
      expect(info.tensors.some((t) => t.problem?.includes(`the file ends at byte ${length}`))).toBe(true);
    } catch (error) {
      expect((error as Error).name).toBe("UserError");
    }
  }
});

test("any bytes changed give an ordinary error or an ordinary tensor", async () => {
  const change = fc.tuple(fc.nat(two.length - 1), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const file = two.slice();
      for (const [at, byte] of changes) file[at] = byte;
      try {
        const { info, matrix } = await openBytes({ f: file });
        for (const t of info.tensors) if (!t.problem && t.elements > 0) await matrix(t.name).read(0, 1);
      } catch (error) {
        expect((error as Error).name).toBe("UserError");
      }
    }),
    { numRuns: 1000 },
  );
});
