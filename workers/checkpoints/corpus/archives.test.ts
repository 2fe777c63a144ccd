/** Zip archives that lie: bombs, sizes, places, names; and paths that leave the folder, in every kind that names files. */
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { openBytes, refusal } from "../../testing/open-bytes.ts";
import { floats, utf8 } from "../bytes-for-test.ts";
import { graphProto, tensorProto, writeModel } from "../onnx/write-for-test.ts";
import { storage, tensor, writeZipForm } from "../pytorch/write-for-test.ts";
import { npyBytes } from "./damage.ts";

const state = (count: number) => ({ dict: [["w", tensor(storage("0", count), [count])]] as const });

/** Where the directory's entry with that name begins. */
function entryOf(zip: Uint8Array, name: string): number {
  const view = new DataView(zip.buffer, zip.byteOffset);
  let at = view.getUint32(zip.length - 6, true);
  for (;;) {
    const length = view.getUint16(at + 28, true);
    if (new TextDecoder().decode(zip.subarray(at + 46, at + 46 + length)) === name) return at;
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}
function changed(zip: Uint8Array, name: string, change: (view: DataView, entry: number) => void): Uint8Array {
  const copy = zip.slice();
  change(new DataView(copy.buffer), entryOf(copy, name));
  return copy;
}
const problems = async (f: Uint8Array) => (await openBytes({ f })).info.tensors.map((t) => t.problem);

describe("bombs", () => {
  const zeros = new Uint8Array(4_000_000);
  const bomb = writeZipForm(state(1_000_000), { 0: zeros }, { level: 6 });
  test("what deflate can do is read, and not before it is asked for", async () => {
    expect(bomb.length).toBeLessThan(8000);
    const { tensor: of } = await openBytes({ f: bomb });
    expect((await of("w").read(999_998, 1_000_000)).length).toBe(2);
  });
  test("a size that no deflated data can reach", async () => {
    const lying = changed(bomb, "archive/data/0", (v, e) => v.setUint32(e + 24, 900_000_000, true));
    expect(await problems(lying)).toEqual([
      expect.stringMatching(
        /^f\/archive\/data\/0: \d+ deflated bytes cannot become 900000000, as the zip directory says\. The archive is damaged or meant to do harm\.$/,
      ),
    ]);
  });
  test("a size over the limit", async () => {
    const large = changed(bomb, "archive/data/0", (v, e) => v.setUint32(e + 24, 2 ** 31, true));
    expect(await problems(large)).toEqual([
      "f/archive/data/0 is deflated and takes 2.1 GB when inflated; the limit is 1.1 GB. Save it without compression.",
    ]);
  });
  test("data that inflate to more than they say are stopped there", async () => {
    const more = changed(bomb, "archive/data/0", (v, e) => v.setUint32(e + 24, 4000, true));
    const small = writeZipForm(state(1000), { 0: zeros }, { level: 6 });
    const f = changed(small, "archive/data/0", (v, e) => v.setUint32(e + 24, 4000, true));
    const { tensor: of } = await openBytes({ f });
    await expect(of("w").read(0, 1)).rejects.toThrow(
      "f/archive/data/0 inflates to more than the 4000 bytes its zip directory gives.",
    );
    expect(await problems(more)).toEqual([
      'f: tensor "w" is in storage 0, which should have 4000000 bytes but has 4000. The file was cut off or is damaged.',
    ]);
  });
  test("a pickle of gigabytes", async () => {
    const large = changed(writeZipForm(state(1), { 0: floats(1) }), "archive/data.pkl", (v, e) => {
      v.setUint32(e + 20, 2 ** 31, true);
      v.setUint32(e + 24, 2 ** 31, true);
    });
    expect(await refusal({ f: large })).toBe(
      "f/archive/data.pkl is 2.1 GB long; the limit is 67 MB. It should hold names and shapes only.",
    );
  });
});

describe("entries", () => {
  const file = writeZipForm(state(2), { 0: floats(1, 2) });
  const spoilt: [string, (view: DataView, entry: number) => void, string][] = [
    [
      "a method that is not read",
      (v, e) => v.setUint16(e + 10, 14, true),
      "f/archive/data/0 is compressed by zip method 14; only stored and deflated entries are read.",
    ],
    ["encrypted", (v, e) => v.setUint16(e + 8, 1, true), "f/archive/data/0 is encrypted."],
    [
      "two sizes",
      (v, e) => v.setUint32(e + 20, 4, true),
      "f/archive/data/0: a stored entry of 8 bytes takes 4 in the zip directory.",
    ],
  ];
  test.each(spoilt)("%s spoils the tensors in it", async (_, change, problem) => {
    expect(await problems(changed(file, "archive/data/0", change))).toEqual([problem]);
  });
  test("misplaced, it is told when it is read", async () => {
    const { tensor: of } = await openBytes({
      f: changed(file, "archive/data/0", (v, e) => v.setUint32(e + 42, 5, true)),
    });
    await expect(of("w").read(0, 2)).rejects.toThrow(
      "f/archive/data/0: there is no zip entry at byte 5, where the directory places it.",
    );
  });
  test("twice under one name", async () => {
    const twice = (name: string, other: string) => {
      const bytes = writeZipForm(state(2), { 0: floats(1, 2), [other]: floats(3, 4) }, {});
      const at = entryOf(bytes, `archive/data/${other}`);
      bytes.set(utf8(name), at + 46);
      return bytes;
    };
    expect(await problems(twice("archive/data/0", "1"))).toEqual(["f/archive/data/0 is in the archive twice."]);
    const pickles = writeZipForm(state(2), { 0: floats(1, 2) }, { extra: { "data.pkk": utf8("N.") } });
    pickles.set(utf8("archive/data.pkl"), entryOf(pickles, "archive/data.pkk") + 46);
    expect(await refusal({ f: pickles })).toBe("f/archive/data.pkl is in the archive twice.");
  });
  test("a directory of 2^53 bytes, and one at 2^53", async () => {
    const zip64 = (start: bigint, length: bigint, count = 1n) => {
      const inner = zipSync({ "a.npy": npyBytes }, { level: 0 });
      const end = inner.length - 22;
      const long = new Uint8Array(inner.length + 76);
      long.set(inner.subarray(0, end));
      const view = new DataView(long.buffer);
      view.setUint32(end, 0x06064b50, true);
      view.setBigUint64(end + 32, count, true);
      view.setBigUint64(end + 40, length, true);
      view.setBigUint64(end + 48, start, true);
      view.setUint32(end + 56, 0x07064b50, true);
      view.setBigUint64(end + 64, BigInt(end), true);
      long.set(inner.subarray(end), end + 76);
      view.setUint32(end + 76 + 16, 0xffffffff, true);
      return long;
    };
    const big = 2n ** 53n;
    for (const [start, length] of [
      [big, 10n],
      [10n, big],
      [2n ** 64n - 1n, 2n ** 64n - 1n],
    ]) {
      expect(await refusal({ f: zip64(start, length) })).toMatch(
        /^f: its directory should end at byte \d+, but the file ends at byte \d+\. The zip archive was cut off or is damaged\.$/,
      );
    }
    expect(await refusal({ f: zip64(0n, 100n, big) })).toBe(
      "f: a zip directory of 9007199254740992 entries is over the limit of 250000.",
    );
  });
  test("a directory entry at 2^53", async () => {
    const zip = zipSync({ "a.npy": [npyBytes, { level: 0, extra: { 1: new Uint8Array(8) } }] });
    const at = entryOf(zip, "a.npy");
    const view = new DataView(zip.buffer);
    view.setUint32(at + 42, 0xffffffff, true);
    view.setBigUint64(at + 46 + 5 + 4, 2n ** 53n, true);
    expect(await problems(zip)).toEqual([
      expect.stringMatching(/^f\/a\.npy: bytes up to 9007199254741022 are needed, but the file ends at byte \d+\./),
    ]);
  });
});

describe("paths that leave the folder", () => {
  const secret = floats(42);
  const paths = [
    "../secret",
    "/secret",
    "a/../../secret",
    "..\\secret",
    "C:secret",
    "file:///secret",
    "",
    ".",
    "a//secret",
  ];
  test("ONNX data", async () => {
    for (const path of paths) {
      const external = tensorProto("w", [1], 1, [
        [
          13,
          [
            [1, "location"],
            [2, path],
          ],
        ],
        [14, 1],
      ]);
      const { info } = await openBytes({ "m/f": writeModel(graphProto([], [external])), secret });
      expect(info.tensors[0].problem).toBe(
        `m/f names a file outside its own folder, ${JSON.stringify(path)}: it is not read.`,
      );
    }
  });
  test("shards of TensorFlow.js", async () => {
    for (const path of paths) {
      const manifest = [{ paths: [path], weights: [{ name: "w", shape: [1], dtype: "float32" }] }];
      expect(await refusal({ "m/f": utf8(JSON.stringify({ weightsManifest: manifest })) })).toBe(
        `m/f names a file outside its own folder, ${JSON.stringify(path)}: it is not read.`,
      );
    }
  });
});
