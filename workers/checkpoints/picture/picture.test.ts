import fc from "fast-check";
import { encode } from "fast-png";
import { zlibSync } from "fflate";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../bytes/byte-source.ts";
import { picture } from "./index.ts";

const open = async (bytes: Uint8Array, name = "p.bin") => {
  const file = memorySource(name, bytes);
  const context = { file, head: bytes.subarray(0, 4096), files: [file] };
  expect(await picture.match(context)).toBe(true);
  return picture.open(context);
};
const values = async (bytes: Uint8Array, tensor = "picture") => {
  const { tensors } = await open(bytes);
  const found = tensors.find((t) => t.info.name === tensor)!;
  return { info: found.info, values: [...(await found.read(0, found.info.elements))] };
};

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
const crc = (bytes: Uint8Array) =>
  (bytes.reduce((c, byte) => crcTable[(c ^ byte) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  out.set(
    [...type].map((c) => c.charCodeAt(0)),
    4,
  );
  out.set(data, 8);
  view.setUint32(8 + data.length, crc(out.subarray(4, 8 + data.length)));
  return out;
}

/** A PNG written by hand: rows as they lie, each behind a filter byte of none. */
function png(
  width: number,
  height: number,
  depth: number,
  colour: number,
  rows: number[][],
  extra: Uint8Array[] = [],
  interlace = 0,
) {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, colour, 0, 0, interlace], 8);
  const data = zlibSync(Uint8Array.from(rows.flatMap((row) => [0, ...row])));
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    ...extra,
    chunk("IDAT", data),
    chunk("IEND", new Uint8Array()),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
/** A grey one whose rows are those of the passes of Adam7, one after the other. */
const interlaced = (width: number, height: number, depth: number, rows: number[][]) =>
  png(width, height, depth, 0, rows, [], 1);

describe("PNG", () => {
  test("colours become channels, each divided by 255 and rounded once", async () => {
    const bytes = encode({ width: 2, height: 1, channels: 3, depth: 8, data: Uint8Array.of(0, 128, 255, 1, 2, 3) });
    const { tensors, kind } = await open(bytes);
    expect(kind).toBe("PNG picture");
    expect(tensors.map((t) => [t.info.name, t.info.shape, t.info.dtype])).toEqual([
      ["picture", [3, 1, 2], "U8"],
      ["red", [1, 2], "U8"],
      ["green", [1, 2], "U8"],
      ["blue", [1, 2], "U8"],
    ]);
    expect(tensors[0].info.view).toEqual({ split: 2, transpose: false });
    const f = (k: number) => Math.fround(k / 255);
    expect((await values(bytes)).values).toEqual([f(0), f(1), f(128), f(2), f(255), f(3)]);
    expect((await values(bytes, "green")).values).toEqual([f(128), f(2)]);
  });

  test("16 bits are kept", async () => {
    const bytes = encode({ width: 2, height: 1, channels: 1, depth: 16, data: Uint16Array.of(1, 65535) });
    const read = await values(bytes);
    expect(read.info).toMatchObject({ dtype: "U16", shape: [1, 1, 2] });
    expect(read.values).toEqual([Math.fround(1 / 65535), 1]);
  });

  test("an alpha that hides nothing, and colours that are all grey, are one channel", async () => {
    const grey = encode({
      width: 1,
      height: 2,
      channels: 4,
      depth: 8,
      data: Uint8Array.of(9, 9, 9, 255, 7, 7, 7, 255),
    });
    expect((await open(grey)).tensors.map((t) => t.info.shape)).toEqual([[1, 2, 1]]);
    const clear = encode({ width: 1, height: 1, channels: 4, depth: 8, data: Uint8Array.of(9, 9, 9, 128) });
    expect((await open(clear)).tensors.map((t) => t.info.name)).toEqual(["picture", "red", "green", "blue", "alpha"]);
  });

  test.each([
    [1, [[0b10100000], [0b01000000]], [1, 0, 1, 0, 1, 0]],
    [2, [[0b00011000], [0b11100100]], [0, 1, 2, 3, 2, 1]],
    [
      4,
      [
        [0x0f, 0x70],
        [0x12, 0x30],
      ],
      [0, 15, 7, 1, 2, 3],
    ],
  ])("grey of %i bits", async (depth, rows, samples) => {
    const read = await values(png(3, 2, depth, 0, rows));
    expect(read.values).toEqual(samples.map((s) => Math.fround(s / (2 ** depth - 1))));
  });

  test("a palette is looked up", async () => {
    const palette = chunk("PLTE", Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255));
    const read = await values(png(3, 1, 2, 3, [[0b00011000]], [palette]));
    expect(read.values).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  test("a palette's alpha is a channel of its own, where it hides anything", async () => {
    const palette = chunk("PLTE", Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255));
    const read = await values(png(3, 1, 2, 3, [[0b00011000]], [palette, chunk("tRNS", Uint8Array.of(255, 51))]));
    expect(read.values.slice(9)).toEqual([1, Math.fround(51 / 255), 1]);
    const opaque = await values(png(3, 1, 2, 3, [[0b00011000]], [palette, chunk("tRNS", Uint8Array.of(255, 255))]));
    expect(opaque.info.shape).toEqual([3, 1, 3]);
    const key = chunk("tRNS", Uint8Array.of(0, 51));
    expect((await values(png(1, 1, 8, 0, [[51]], [key]))).values).toEqual([Math.fround(51 / 255)]);
  });

  test("an interlaced picture is put together", async () => {
    // 3 x 2: pass 1 has pixel (0, 0), pass 4 (2, 0), pass 6 (1, 0), pass 7 row 1.
    const read = await values(interlaced(3, 2, 8, [[10], [30], [20], [40, 50, 60]]));
    expect(read.values).toEqual([10, 20, 30, 40, 50, 60].map((s) => Math.fround(s / 255)));
  });

  test("a compressed profile without bound is not unpacked", async () => {
    const bomb = zlibSync(new Uint8Array(2 ** 22));
    const profile = chunk("iCCP", Uint8Array.from([0x61, 0, 0, ...bomb]));
    expect((await values(png(1, 1, 8, 0, [[51]], [profile]))).values).toEqual([Math.fround(51 / 255)]);
  });
});

describe("refused with a sentence", () => {
  const good = png(3, 2, 8, 2, [Array.from({ length: 9 }, (_, i) => i), Array.from({ length: 9 }, (_, i) => 200 + i)]);
  test("cut off anywhere", async () => {
    for (let end = 12; end < good.length; end++) {
      await expect(open(good.subarray(0, end)), `at ${end}`).rejects.toThrow(/cut off|does not begin with its header/);
    }
  });
  test("a bomb, a picture too large, too little data, a wrong checksum", async () => {
    const bomb = png(1, 1, 8, 0, [Array.from({ length: 2 ** 18 }, () => 0)]);
    await expect(open(bomb)).rejects.toThrow(
      "p.bin: the PNG picture unpacks to more than its size needs, and is refused.",
    );
    await expect(open(png(60000, 60000, 8, 2, [[0]]))).rejects.toThrow(
      "a picture of 60000 x 60000 pixels is not opened",
    );
    await expect(open(png(0, 5, 8, 0, [[]]))).rejects.toThrow("a picture of 0 x 5 pixels is not opened");
    await expect(open(png(40, 40, 8, 0, [[1]]))).rejects.toThrow("the PNG picture has less data than its size needs.");
    const wrong = good.slice();
    wrong[29] ^= 1;
    await expect(open(wrong)).rejects.toThrow("p.bin: the PNG picture is damaged (");
  });
  test("an interlaced picture of less than a byte a sample, and rows that are missing", async () => {
    await expect(open(interlaced(3, 2, 4, [[0x10], [0x30], [0x20], [0x45, 0x60]]))).rejects.toThrow(
      "p.bin: interlaced PNG pictures of 4 bits a sample are not read. Save it without interlacing.",
    );
    await expect(
      open(
        png(4, 4, 8, 0, [
          [1, 2, 3, 4],
          [1, 2, 3, 4],
          [1, 2, 3, 4],
        ]),
      ),
    ).rejects.toThrow("p.bin: the PNG picture has less data than its size needs.");
  });
  test("JPEG outside a browser, and one that is cut off", async () => {
    await expect(open(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), "photo")).rejects.toThrow(
      "photo: JPEG pictures are decoded by the browser. Here, give it as PNG.",
    );
  });
  test("with any byte changed: a picture or a sentence, soon", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, byte) => {
        const changed = good.slice();
        changed[at] = byte;
        if (at < 8) return;
        await open(changed).catch((error) => expect(error.name).toBe("UserError"));
      }),
      { numRuns: 300 },
    );
  });
});
