import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { utf8 } from "../bytes-for-test.ts";

function npyFile(count: number): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count},), }\n`;
  const file = new Uint8Array(10 + text.length + 4 * count);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length, 0]);
  file.set(utf8(text), 10);
  file.set(new Uint8Array(Float32Array.from({ length: count }, (_, i) => i % 7).buffer), 10 + text.length);
  return file;
}
const files = { "a.npy": npyFile(3), "layer/b.npy": npyFile(100_000) };
const stored = zipSync(files, { level: 0 });
const deflated = zipSync(files, { level: 6 });

/** Where the directory's entry of that number begins. */
function directoryEntry(zip: Uint8Array, number: number): number {
  const view = new DataView(zip.buffer, zip.byteOffset);
  let at = view.getUint32(zip.length - 6, true);
  for (let i = 0; i < number; i++) at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true);
  return at;
}
function changed(zip: Uint8Array, change: (view: DataView, entry: number) => void, number = 0): Uint8Array {
  const copy = zip.slice();
  change(new DataView(copy.buffer), directoryEntry(copy, number));
  return copy;
}

test.each([
  ["stored", stored],
  ["deflated", deflated],
])("%s entries open by content", async (_, zip) => {
  const { info, matrix } = await openBytes({ "thing.png": zip });
  expect(info.kind).toBe("npz");
  expect(info.tensors.map((t) => [t.name, t.shape])).toEqual([
    ["a", [3]],
    ["layer/b", [100_000]],
  ]);
  expect([...(await matrix("a").read(0, 1))]).toEqual([0, 1, 2]);
  expect((await matrix("layer/b").read(0, 1))[99_999]).toBe(99_999 % 7);
});

test("zip64, as numpy writes large archives", async () => {
  // The directory's entry gets its sizes and its place from a zip64 field, the end record from a zip64 one.
  const zip = zipSync({ "a.npy": [files["a.npy"], { level: 0, extra: { 1: new Uint8Array(24) } }] });
  const at = directoryEntry(zip, 0);
  const view = new DataView(zip.buffer);
  const extra = at + 46 + view.getUint16(at + 28, true) + 4;
  [24, 20, 42].forEach((field, i) => {
    view.setBigUint64(extra + 8 * i, BigInt(view.getUint32(at + field, true)), true);
    view.setUint32(at + field, 0xffffffff, true);
  });
  const end = zip.length - 22;
  const long = new Uint8Array(zip.length + 76);
  long.set(zip.subarray(0, end));
  const w = new DataView(long.buffer);
  w.setUint32(end, 0x06064b50, true);
  w.setBigUint64(end + 32, 1n, true);
  w.setBigUint64(end + 40, BigInt(view.getUint32(end + 12, true)), true);
  w.setBigUint64(end + 48, BigInt(view.getUint32(end + 16, true)), true);
  w.setUint32(end + 56, 0x07064b50, true);
  w.setBigUint64(end + 64, BigInt(end), true);
  long.set(zip.subarray(end), end + 76);
  w.setUint32(end + 76 + 16, 0xffffffff, true);
  const { matrix } = await openBytes({ f: long });
  expect([...(await matrix("a").read(0, 1))]).toEqual([0, 1, 2]);
});

describe("damage", () => {
  test("cut off", async () => {
    expect(await refusal({ f: stored.slice(0, 5000) })).toBe(
      "f: there is no zip directory at its end. The zip archive was cut off or is damaged.",
    );
  });
  test("a directory beyond the end", async () => {
    const bad = stored.slice();
    new DataView(bad.buffer).setUint32(bad.length - 6, 2 ** 31, true);
    expect(await refusal({ f: bad })).toMatch(
      /^f: its directory should end at byte \d+, but the file ends at byte \d+\./,
    );
  });
  test("a directory with fewer entries than it says", async () => {
    const bad = stored.slice();
    new DataView(bad.buffer).setUint16(bad.length - 12, 9, true);
    expect(await refusal({ f: bad })).toBe(
      "f: its directory ends after 2 of 9 entries. The zip archive was cut off or is damaged.",
    );
  });
  const spoilt: [string, Uint8Array, RegExp][] = [
    ["encrypted", changed(stored, (v, e) => v.setUint16(e + 8, 1, true)), /^f\/a\.npy is encrypted\.$/],
    [
      "method",
      changed(stored, (v, e) => v.setUint16(e + 10, 12, true)),
      /^f\/a\.npy is compressed by zip method 12; only stored and deflated entries are read\.$/,
    ],
    [
      "misplaced",
      changed(stored, (v, e) => v.setUint32(e + 42, 7, true)),
      /^f\/a\.npy: there is no zip entry at byte 7, where the directory places it\.$/,
    ],
    [
      "beyond the end",
      changed(stored, (v, e) => v.setUint32(e + 42, 2 ** 30, true)),
      /^f\/a\.npy: bytes up to 1073741854 are needed, but the file ends at byte \d+\./,
    ],
    [
      "stored sizes that differ",
      changed(stored, (v, e) => v.setUint32(e + 24, 5, true)),
      /^f\/a\.npy: a stored entry of 5 bytes takes \d+ in the zip directory\.$/,
    ],
    [
      "over the limit",
      changed(deflated, (v, e) => v.setUint32(e + 24, 2 ** 31, true)),
      /^f\/a\.npy is deflated and takes 2\.1 GB when inflated; the limit is 1\.1 GB\./,
    ],
    [
      "inflates to more",
      changed(deflated, (v, e) => v.setUint32(e + 24, 40, true)),
      /^f\/a\.npy inflates to more than the 40 bytes its zip directory gives\.$/,
    ],
    [
      "inflates to less",
      changed(deflated, (v, e) => v.setUint32(e + 24, 4000, true)),
      /^f\/a\.npy inflates to \d+ bytes; its zip directory says 4000\.$/,
    ],
    ["damaged data", changed(deflated, (v) => v.setUint8(35, 0xff)), /^f\/a\.npy: the deflated data are damaged \(/],
  ];
  test.each(spoilt)("%s spoils one array only", async (_, zip, message) => {
    const { info, matrix } = await openBytes({ f: zip });
    expect(info.tensors[0].problem).toMatch(message);
    expect((await matrix("layer/b").read(0, 1)).length).toBe(100_000);
  });
});

test("other entries are left out and told; a zip without arrays is named", async () => {
  const { info } = await openBytes({ f: zipSync({ ...files, "readme.txt": utf8("x") }) });
  expect(info.notes).toEqual(["f: left out readme.txt."]);
  expect(await refusal({ f: zipSync({ "word/document.xml": utf8("x") }) })).toMatch(
    /^f is a zip archive of word\/document\.xml and perhaps others\. What can be opened: /,
  );
});
