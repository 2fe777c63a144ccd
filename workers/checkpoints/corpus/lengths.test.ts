/** Lengths, counts and offsets that lie, wrong byte orders, names that occur twice: what each kind says of them. */
import { describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats, rawSafetensors, utf8 } from "../bytes-for-test.ts";
import { writeGguf } from "../gguf/write-for-test.ts";
import { graphProto, message, tensorProto, varint, writeModel } from "../onnx/write-for-test.ts";
import { storage, tensor, writeLegacyForm, writeZipForm } from "../pytorch/write-for-test.ts";

const BIG = 2n ** 53n;

/** Why a file is refused, or else what is wrong with its tensors, or else its notes. */
async function told(f: Uint8Array): Promise<string> {
  const opened = await openBytes({ f }).catch((error: Error) => error);
  if (opened instanceof Error) {
    expect(opened.name).toBe("UserError");
    return opened.message;
  }
  const problems = opened.info.tensors.map((t) => t.problem).filter((p) => p !== undefined);
  return [...problems, ...opened.info.notes].join("\n");
}

const entry = (begin: number, end: number, shape = [2]) => ({ a: { dtype: "F32", shape, data_offsets: [begin, end] } });
const number = (value: bigint): Uint8Array => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value, true);
  return new Uint8Array(view.buffer);
};
const state = { dict: [["w", tensor(storage("0", 2), [2])]] as const };
const legacy = writeLegacyForm(state, [["0", floats(1, 2)]]);
/** The legacy file with another length before its only storage. */
const legacyOf = (count: bigint) => Uint8Array.from([...legacy.slice(0, -16), ...number(count), ...legacy.slice(-8)]);
/** A field of bytes with a length of its own choice. */
const lying = (field: number, length: bigint) => Uint8Array.from([field * 8 + 2, ...varint(length)]);
const inModel = (initializer: Uint8Array) => writeModel([[5, initializer]]);

describe("lengths that lie", () => {
  test.each<[string, Uint8Array, string | RegExp]>([
    [
      "a safetensors header of 2^53 bytes",
      rawSafetensors("{}", floats(), BIG),
      "f: the first 8 bytes say that the header is 9007199254740992 bytes long; the limit is 100 MB. The file is damaged or of another type.",
    ],
    [
      "offsets at 2^53",
      rawSafetensors(entry(2 ** 53 - 8, 2 ** 53 - 1), floats(1, 2)),
      /^f: tensor "a" should take bytes \d+ to \d+, but the file ends at byte \d+\. It was cut off, or its header is wrong\./,
    ],
    [
      "offsets beyond 2^53",
      rawSafetensors(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[9007199254740993,9007199254741001]}}',
        floats(1, 2),
      ),
      /^f: tensor "a" has data_offsets that are not two non-negative integers: \[9007199254740992,9007199254741000\]/,
    ],
    [
      "a shape of 2^53",
      rawSafetensors(entry(0, 8, [2 ** 52, 4]), floats(1, 2)),
      /^f: tensor "a" has more elements than can be counted: shape \[4503599627370496,4\]\./,
    ],
    [
      "2^53 GGUF tensors",
      writeGguf({ tensorCount: BIG }),
      /^f: the GGUF header announces 9007199254740992 tensors, for which the 0 bytes after it are too few\./,
    ],
    [
      "a GGUF offset of 2^53",
      writeGguf({ tensors: [{ name: "a", dims: [2], type: "F32", bytes: floats(1, 2), offset: BIG }] }),
      /^f: tensor "a" should take bytes 9007199254741056 to 9007199254741064, but the file ends at byte \d+\./,
    ],
    [
      "a legacy storage of 2^53 elements",
      legacyOf(BIG),
      /^f: storage 0, 1 of 1, should take bytes \d+ to \d+, but the file ends at byte \d+\. It was cut off or is damaged\./,
    ],
    ["a legacy storage of 2^64 - 1 elements", legacyOf(2n ** 64n - 1n), /^f: storage 0, 1 of 1, should take bytes/],
    [
      "a legacy storage that is shorter than the pickle says",
      legacyOf(1n),
      'f: tensor "w" is in storage 0, which should have 8 bytes but has 4. The file was cut off or is damaged.',
    ],
    [
      "an ONNX graph of 2^53 bytes",
      Uint8Array.from([8, 8, ...lying(7, BIG)]),
      /^f: the ONNX model has a field at byte 2 that should end at byte 900719925474100\d, but ends itself at byte 11\./,
    ],
    [
      "an ONNX tensor beyond its graph",
      inModel(Uint8Array.of(8, 1, ...lying(9, 2n ** 40n))),
      /^f: tensor 1 has a field at byte \d+ that should end at byte 1099511627\d+, but ends itself at byte \d+\. The file was cut off or is damaged\./,
    ],
    [
      "an ONNX number without end",
      inModel(Uint8Array.of(8, ...new Array(12).fill(0xff))),
      /^f: tensor 1 has a number of more than 10 bytes at byte \d+\./,
    ],
    [
      "an ONNX field of an unknown kind",
      inModel(Uint8Array.of(3)),
      /^f: (?:tensor 1 has a field numbered 0|tensor 1 has a field of the unknown wire type 3) at byte \d+\./,
    ],
    [
      "an ONNX name of a megabyte",
      writeModel(graphProto([], [tensorProto("n".repeat(2 ** 20), [1], 1, floats(1))])),
      /^f: tensor 1 has a name of 1048576 bytes at byte \d+; the limit is 4096\./,
    ],
    [
      "ONNX dimensions without end",
      writeModel(graphProto([], [tensorProto("w", new Array(65).fill(1), 1, floats(1))])),
      "f: tensor 1 has more than 64 dimensions, the limit.",
    ],
    [
      "a .npy header of 4 GB",
      Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255, 0),
      "f: the .npy header says it is 4294967295 bytes long; the limit is 1000000.",
    ],
  ])("%s", async (_, file, sentence) => {
    const message = await told(file);
    if (typeof sentence === "string") expect(message.split("\n")).toContain(sentence);
    else expect(message).toMatch(sentence);
  });
});

describe("the wrong byte order", () => {
  test("a GGUF version read the wrong way round", async () => {
    const swapped = writeGguf({ version: 3 });
    swapped.subarray(4, 8).reverse();
    expect(await told(swapped)).toMatch(/^f: the GGUF header announces \d+ metadata keys|^f has metadata only/);
    expect(await told(writeGguf({ version: 0x01020304 }))).toBe(
      "f: the GGUF version is 16909060; versions 2 and 3 are read. It is newer, or damaged.",
    );
  });
  test("a safetensors length in big-endian", async () => {
    const file = rawSafetensors(entry(0, 8), floats(1, 2));
    file.subarray(0, 8).reverse();
    expect(await told(file)).toMatch(
      /^f: the first 8 bytes say that the header is \d+ bytes long; the limit is 100 MB\./,
    );
  });
  test("a PyTorch byte order that is none", async () => {
    for (const text of ["", "LITTLE", "little-endian and more"]) {
      expect(await told(writeZipForm(state, { 0: floats(1, 2) }, { extra: { byteorder: utf8(text) } }))).toBe(
        `f/archive/byteorder should say "little" or "big", not ${JSON.stringify(text.slice(0, 16))}.`,
      );
    }
  });
});

describe("names that occur twice", () => {
  const twice = (value: number) => tensorProto("w", [1], 1, floats(value));
  test("in ONNX, both are listed", async () => {
    const { info, tensor: of } = await openBytes({ f: writeModel(graphProto([], [twice(1), twice(2)])) });
    expect(info.tensors.map((t) => t.name)).toEqual(["w", "w (2)"]);
    expect([...(await of("w (2)").read(0, 1))]).toEqual([2]);
  });
  test("in PyTorch's files, when joined by dots, neither is read", async () => {
    const one = tensor(storage("0", 1), [1]);
    const file = writeZipForm(
      {
        dict: [
          ["a.b", one],
          ["a", { dict: [["b", one]] }],
        ],
      },
      { 0: floats(1) },
    );
    expect(await told(file)).toBe('f: tensor "a.b" is in the file twice.');
  });
  test("in safetensors and GGUF, neither is read", async () => {
    expect(
      await told(
        rawSafetensors(
          '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
          floats(1),
        ),
      ),
    ).toMatch(/^f: tensor "a" is in the header twice\./);
    const a = { name: "a", dims: [1], type: "F32", bytes: floats(1) };
    expect(await told(writeGguf({ tensors: [a, a] }))).toMatch(/^f: tensor "a" is in the header twice\./);
  });
});

test("a message of nothing but nodes, as many as fit", async () => {
  // Two bytes a node: the limit is reached in 2 MB.
  const nodes = new Uint8Array(2 * 1_000_001);
  for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
  const file = message([
    [1, 8],
    [7, nodes],
    [8, [[2, 17]]],
  ]);
  const started = performance.now();
  expect(await refusal({ f: file })).toBe("f: the ONNX model has more than 1000000 nodes.");
  expect(performance.now() - started).toBeLessThan(20_000);
});
