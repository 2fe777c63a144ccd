import { describe, expect, test } from "vitest";
import type { ByteSource } from "../bytes/byte-source.ts";
import { findDtype } from "../tensors/decode.ts";
import { storedTensor } from "../tensors/tensor.ts";
import { columnBytes, forgetBands, transposeBytes } from "./bytes.ts";

/** A file of rows x cols words whose byte at `at` is given by a formula, and what was read of it. */
function wide(rows: number, cols: number) {
  const asked: [number, number][] = [];
  const byteAt = (at: number) => (at * 31 + Math.floor(at / 251)) % 256;
  const source: ByteSource = {
    name: "wide",
    size: rows * cols * 4,
    async slice(begin, end, signal) {
      signal?.throwIfAborted();
      asked.push([begin, end]);
      return Uint8Array.from({ length: end - begin }, (_, i) => byteAt(begin + i));
    },
  };
  const shape = [rows, cols];
  const info = { name: "w", dtype: "I32", shape, elements: rows * cols, view: { split: 1, transpose: false } };
  const tensor = storedTensor(info, { source, dtype: findDtype("I32")!, begin: 0, littleEndian: true });
  return { tensor, asked, byteAt };
}

describe("columns of a matrix stored by rows", () => {
  test("of one that fits into a band: read once, in one piece, whatever is asked for", async () => {
    const { tensor, asked, byteAt } = wide(5, 40);
    const bytes = await columnBytes(tensor, 5, 40, 3, 6);
    expect(bytes).toEqual(Uint8Array.from({ length: 60 }, (_, i) => byteAt(Math.floor(i / 12) * 160 + 12 + (i % 12))));
    await columnBytes(tensor, 5, 40, 0, 40);
    expect(asked).toEqual([[0, 800]]);
    forgetBands([tensor]);
    await columnBytes(tensor, 5, 40, 0, 1);
    expect(asked).toHaveLength(2);
  });

  test("of a large one: a slice of each row for a band of 32 MiB, and no byte twice while bands are walked in order", async () => {
    const [rows, cols] = [1024, 16_384];
    const { tensor, asked, byteAt } = wide(rows, cols);
    for (let c = 0; c < cols; c += 4096) {
      const bytes = await columnBytes(tensor, rows, cols, c, c + 4);
      expect([...bytes.subarray(16, 18)]).toEqual([byteAt(4 * (cols + c)), byteAt(4 * (cols + c) + 1)]);
    }
    const read = asked.reduce((sum, [begin, end]) => sum + end - begin, 0);
    expect(read).toBe(rows * cols * 4);
    // Two bands, a slice a row each.
    expect(asked).toHaveLength(2 * rows);
    forgetBands([tensor]);
  });

  test("cancelled by one who asked are read again for the next", async () => {
    const { tensor } = wide(4, 8);
    const abort = new AbortController();
    abort.abort();
    await expect(columnBytes(tensor, 4, 8, 0, 2, abort.signal)).rejects.toThrow();
    expect(await columnBytes(tensor, 4, 8, 0, 2)).toHaveLength(32);
  });

  test("are transposed for elements of any width", () => {
    for (const width of [1, 2, 4]) {
      const bytes = Uint8Array.from({ length: 6 * width }, (_, i) => i);
      const turned = transposeBytes(bytes, 2, 3, width);
      expect([...turned.subarray(width, 2 * width)]).toEqual([...bytes.subarray(3 * width, 4 * width)]);
    }
  });
});
