import { describe, expect, test } from "vitest";
import { type ByteSource, memorySource } from "./byte-source.ts";
import { forgetAhead, readAhead, WINDOW } from "./read-ahead.ts";

const SIZE = 3 * WINDOW + 123;
const bytes = Uint8Array.from({ length: SIZE }, (_, i) => (i * 7 + (i >>> 8)) & 255);

/** A file in memory that notes what is read of it. */
function counted(fail: () => boolean = () => false): { source: ByteSource; reads: [number, number][] } {
  const reads: [number, number][] = [];
  const plain = memorySource("f", bytes);
  const source: ByteSource = {
    ...plain,
    slice(begin, end, signal) {
      reads.push([begin, end]);
      return fail() ? Promise.reject(new Error("gone")) : plain.slice(begin, end, signal);
    },
  };
  return { source, reads };
}

describe("reading ahead", () => {
  test("gives the same bytes in far fewer reads, to the end of the file", async () => {
    const { source, reads } = counted();
    const ahead = readAhead(source);
    expect([ahead.name, ahead.size]).toEqual(["f", SIZE]);
    const step = WINDOW / 16;
    for (let at = 0; at < SIZE; at += step) {
      const end = Math.min(SIZE, at + step);
      expect(Buffer.compare(await ahead.slice(at, end), bytes.subarray(at, end))).toBe(0);
    }
    expect(reads.length).toBeLessThan(6);
    // What was handed out is the caller's: writing into it changes nothing that is read later.
    expect(Math.max(...reads.map(([begin, end]) => end - begin))).toBeLessThanOrEqual(WINDOW);
  });
  test("reads no more than is asked for where nobody reads on, and little ahead of who reads little", async () => {
    const { source, reads } = counted();
    const ahead = readAhead(source);
    for (const at of [500, 90, 4000]) await ahead.slice(at, at + 10);
    expect(reads).toEqual([
      [500, 510],
      [90, 100],
      [4000, 4010],
    ]);
    await ahead.slice(4010, 4020);
    expect(reads.slice(3)).toEqual([
      [4010, 4170],
      [4170, 4330],
    ]);
  });
  test("reads that are asked for at once, and two places in turns", async () => {
    const { source, reads } = counted();
    const ahead = readAhead(source);
    const step = 2 ** 16;
    const far = 2 * WINDOW;
    const wanted = Array.from({ length: 40 }, (_, i) => [i * step, far + i * 100] as const).flat();
    const got = await Promise.all(wanted.map((at, i) => ahead.slice(at, at + (i % 2 ? 100 : step))));
    got.forEach((part, i) => {
      const end = wanted[i] + (i % 2 ? 100 : step);
      expect(Buffer.compare(part, bytes.subarray(wanted[i], end))).toBe(0);
    });
    expect(reads.length).toBeLessThan(16);
  });
  test("what failed is told to who needs it and read again; a signal ends the wait", async () => {
    let failing = false;
    const { source } = counted(() => failing);
    const ahead = readAhead(source);
    await ahead.slice(0, 100);
    failing = true;
    await expect(ahead.slice(100, 200)).rejects.toThrow("gone");
    failing = false;
    expect(await ahead.slice(100, 200)).toEqual(bytes.slice(100, 200));
    await expect(ahead.slice(200, 300, AbortSignal.abort())).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
    await expect(ahead.slice(SIZE - 1, SIZE + 1)).rejects.toThrow("the file has only");
  });
  test("a file that was let go of is read anew", async () => {
    const { source, reads } = counted();
    const ahead = readAhead(source);
    await ahead.slice(0, 100);
    await ahead.slice(100, 200);
    const before = reads.length;
    forgetAhead(source);
    await ahead.slice(200, 300);
    expect(reads.slice(before)).toEqual([[200, 300]]);
  });
});
