import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { memorySource } from "../../bytes/byte-source.ts";
import { BlockCache } from "./read-cache.ts";

const SIZE = 400_000;
const bytes = Uint8Array.from({ length: SIZE }, (_, i) => (i * 31) % 253);

/** A source that writes down what is asked of it. */
function recorded(): { source: ByteSource; asked: [number, number][] } {
  const inner = memorySource("f", bytes);
  const asked: [number, number][] = [];
  const slice: ByteSource["slice"] = async (begin, end, signal) => {
    asked.push([begin, end]);
    await new Promise((resolve) => setTimeout(resolve, 1));
    return inner.slice(begin, end, signal);
  };
  return { source: { name: "f", size: SIZE, slice }, asked };
}

describe("reads of a server's file", () => {
  test("small ones share a block; those that meet in two blocks share a request", async () => {
    const { source, asked } = recorded();
    const file = new BlockCache().wrap(source, "f");
    const parts = await Promise.all([file.slice(0, 8), file.slice(8, 4096), file.slice(100, 101)]);
    expect(parts[1]).toEqual(bytes.slice(8, 4096));
    await file.slice(200_000, 210_000);
    await file.slice(262_000, 262_300);
    expect(asked).toEqual([
      [0, 65_536],
      [196_608, 262_144],
      [262_144, 327_680],
    ]);
    await file.slice(130_000, 132_000);
    expect(asked[3]).toEqual([65_536, 196_608]);
  });

  test("large ones take exactly their bytes, less what is held", async () => {
    const { source, asked } = recorded();
    const file = new BlockCache().wrap(source, "f");
    expect(Buffer.compare(await file.slice(70_000, 390_000), bytes.slice(70_000, 390_000))).toBe(0);
    await file.slice(0, 8);
    expect(Buffer.compare(await file.slice(8, 100_000), bytes.slice(8, 100_000))).toBe(0);
    await file.slice(399_000, 400_000);
    expect(Buffer.compare(await file.slice(100_000, 400_000), bytes.slice(100_000, 400_000))).toBe(0);
    expect(asked).toEqual([
      [70_000, 390_000],
      [0, 65_536],
      [65_536, 100_000],
      [393_216, 400_000],
      [100_000, 393_216],
    ]);
  });

  test("are the file's bytes, whatever the order, within the budget", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(SIZE), fc.nat(40_000)), { minLength: 1, maxLength: 12 }),
        async (reads) => {
          const file = new BlockCache(2 * 65_536).wrap(memorySource("f", bytes), "f");
          await Promise.all(
            reads.map(async ([begin, length]) => {
              const end = Math.min(SIZE, begin + length);
              expect(Buffer.compare(await file.slice(begin, end), bytes.subarray(begin, end))).toBe(0);
            }),
          );
        },
      ),
      { numRuns: 60 },
    ));

  test("who gives up does not take others along, and a failure is not held", async () => {
    const { source, asked } = recorded();
    const file = new BlockCache().wrap(source, "f");
    const first = new AbortController();
    const given = file.slice(0, 10, first.signal);
    const other = file.slice(0, 10);
    first.abort();
    await expect(given).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(await other).toEqual(bytes.slice(0, 10));
    expect(asked).toHaveLength(2);
    await expect(file.slice(399_999, 400_001)).rejects.toThrow("the file has only 400000 bytes.");
  });
});
