import { describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats, utf8 } from "../bytes-for-test.ts";

/** A .npy file with any header. */
function npyFile(dict: string, data: Uint8Array, version = 1): Uint8Array {
  const text = utf8(`${dict}\n`);
  const start = version === 1 ? 10 : 12;
  const file = new Uint8Array(start + text.length + data.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(file.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  file.set(text, start);
  file.set(data, start + text.length);
  return file;
}
const dict = (descr: string, shape: string, fortran = false) =>
  `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${shape}, }`;
const six = floats(1, 2, 3, 4, 5, 6);

test("versions 1 to 3 open by their content, named after the file", async () => {
  for (const version of [1, 2, 3]) {
    for (const name of ["dir/w.q.npy", "w.q.bin"]) {
      const { info, matrix } = await openBytes({ [name]: npyFile(dict("<f4", "(2, 3)"), six, version) });
      expect(info).toMatchObject({ kind: "npy", notes: [] });
      expect(info.tensors[0]).toMatchObject({ name: "w.q", dtype: "F32", shape: [2, 3], elements: 6 });
      expect([...(await matrix("w.q").read(0, 2))]).toEqual([1, 2, 3, 4, 5, 6]);
    }
  }
});

test("Fortran order is read row by row", async () => {
  const { matrix } = await openBytes({ "x.npy": npyFile(dict("<f4", "(2, 3)", true), six) });
  expect([...(await matrix("x").read(0, 1))]).toEqual([1, 3, 5]);
  expect([...(await matrix("x").read(1, 2))]).toEqual([2, 4, 6]);
  const cube = await openBytes({ "x.npy": npyFile(dict("<f4", "(2, 3, 2)", true), floats(...Array(12).keys())) });
  expect([...(await cube.matrix("x").read(0, 1))]).toEqual([0, 6, 2, 8, 4, 10]);
});

describe("number types", () => {
  const cases: [string, Uint8Array, number][] = [
    ["|b1", Uint8Array.of(1), 1],
    ["|i1", Uint8Array.of(255), -1],
    ["|u1", Uint8Array.of(255), 255],
    ["<i2", Uint8Array.of(1, 2), 513],
    [">i2", Uint8Array.of(1, 2), 258],
    ["<u2", Uint8Array.of(0, 0x80), 32768],
    [">i4", Uint8Array.of(255, 255, 255, 254), -2],
    ["<u4", Uint8Array.of(0, 0, 0, 0x80), 2 ** 31],
    ["<i8", Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0), 2 ** 32],
    [">u8", Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0), 2 ** 63],
    ["<f2", Uint8Array.of(0, 0x3e), 1.5],
    [">f2", Uint8Array.of(0x3e, 0), 1.5],
    [">f4", Uint8Array.of(0x3f, 0xc0, 0, 0), 1.5],
    ["<f8", Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf8, 0x3f), 1.5],
    [">f8", Uint8Array.of(0x3f, 0xf8, 0, 0, 0, 0, 0, 0), 1.5],
    ["bfloat16", Uint8Array.of(0xc0, 0x3f), 1.5],
    ["float8_e4m3fn", Uint8Array.of(0x3c), 1.5],
    ["<f1", Uint8Array.of(0x3e), 1.5],
    ["float8_e5m2", Uint8Array.of(0x3e), 1.5],
    ["float8_e3m4", Uint8Array.of(0x38), 1.5],
    ["float8_e4m3", Uint8Array.of(0x3c), 1.5],
    // One a byte, in its low bits, whatever the others are.
    ["int4", Uint8Array.of(0x0e), -2],
    ["int4", Uint8Array.of(0xfe), -2],
    ["uint4", Uint8Array.of(0x0e), 14],
    ["int2", Uint8Array.of(0x02), -2],
    ["uint2", Uint8Array.of(0x02), 2],
    ["int1", Uint8Array.of(0x01), -1],
    ["uint1", Uint8Array.of(0x01), 1],
    ["float4_e2m1fn", Uint8Array.of(0x0b), -1.5],
    ["float6_e2m3fn", Uint8Array.of(0x0c), 1.5],
    ["float6_e3m2fn", Uint8Array.of(0x0e), 1.5],
  ];
  test.each(cases)("%s", async (descr, data, value) => {
    const { matrix } = await openBytes({ "x.npy": npyFile(dict(descr, "(1,)"), data) });
    expect([...(await matrix("x").read(0, 1))]).toEqual([value]);
  });
});

describe("what cannot be read is named", () => {
  const cases: [string, Uint8Array, string | RegExp][] = [
    [
      "cut in the data",
      npyFile(dict("<f4", "(2, 3)"), six.slice(0, 20)),
      "f: an array of shape [2, 3] and dtype F32 should end at byte 94, but the file ends at byte 90. It was cut off, or its header is wrong.",
    ],
    [
      "cut in the header",
      npyFile(dict("<f4", "(2, 3)"), six).slice(0, 30),
      "f: the .npy header is cut off; the file ends at byte 30.",
    ],
    [
      "cut in the length",
      npyFile(dict("<f4", "(2, 3)"), six).slice(0, 9),
      "f: the .npy header is cut off; the file ends at byte 9.",
    ],
    ["version", npyFile(dict("<f4", "(6,)"), six, 4), "f: .npy version 4.0 is not known; 1 to 3 are."],
    [
      "huge shape",
      npyFile(dict("<f4", `(${2 ** 50}, ${2 ** 50})`), six),
      /^f: an array of shape .* should end at byte .*, but the file ends at byte/,
    ],
    [
      "void",
      npyFile(dict("|V2", "(6,)"), six),
      'f holds untyped elements of 2 bytes (descr "|V2"), as numpy saves bfloat16 and float8. Save it as float32, or open it as raw data with its dtype.',
    ],
    [
      "complex",
      npyFile(dict("<c8", "(6,)"), six),
      'f holds complex numbers (descr "<c8"), which no number format here quantizes.',
    ],
    ["objects", npyFile(dict("|O", "(6,)"), six), "f holds pickled Python objects, which are not read."],
    [
      "text",
      npyFile(dict("<U5", "(6,)"), six),
      'f holds elements of the type "<U5", which is not a number type that is read here.',
    ],
    [
      "records",
      npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}", six),
      "f holds records of several fields, which are not one tensor.",
    ],
    [
      "no shape",
      npyFile("{'descr': '<f4', 'fortran_order': False}", six),
      "f: the .npy header has no shape of non-negative integers: \"{'descr': '<f4', 'fortran_order': False}\".",
    ],
    ["negative shape", npyFile(dict("<f4", "(-1,)"), six), /has no shape of non-negative integers/],
    ["nothing", npyFile("", six), 'f: the .npy header has no descr: "".'],
  ];
  test.each(cases)("%s", async (_, file, message) => {
    expect(await refusal({ f: file })).toMatch(message);
  });
});

test("bytes after the array are told", async () => {
  const { info } = await openBytes({ "x.npy": npyFile(dict("<f4", "(5,)"), six) });
  expect(info.notes).toEqual(["x.npy: bytes 88 to 92 at the end belong to no array."]);
});

test("a wider type that was rounded is told after reading", async () => {
  const values = new Uint8Array(Float64Array.of(0.1, 1e300).buffer);
  const { matrix } = await openBytes({ "x.npy": npyFile(dict("<f8", "(2,)"), values) });
  const source = matrix("x");
  await source.read(0, 1);
  expect(source.notes).toEqual([
    "F64 values were rounded to float32",
    "F64 values beyond float32's range became infinite",
  ]);
});
