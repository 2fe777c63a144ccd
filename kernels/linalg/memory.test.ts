import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Memory } from "./memory.ts";

const steps = fc.array(
  fc.record({ bytes: fc.integer({ min: 0, max: 200_000 }), give: fc.boolean(), which: fc.nat() }),
  {
    maxLength: 60,
  },
);

describe("memory", () => {
  it("hands out pieces that do not overlap, and joins what comes back", () =>
    fc.assert(
      fc.property(steps, (list) => {
        const memory = new Memory(new WebAssembly.Memory({ initial: 1 }), 1024);
        const held: { at: number; bytes: number }[] = [];
        for (const { bytes, give, which } of list) {
          if (give && held.length > 0) {
            const [piece] = held.splice(which % held.length, 1);
            memory.give(piece.at, piece.bytes);
            continue;
          }
          const at = memory.take(bytes);
          expect(at % 64).toBe(0);
          expect(at).toBeGreaterThanOrEqual(1024);
          expect(at + bytes).toBeLessThanOrEqual(memory.buffer.byteLength);
          for (const other of held) expect(at + bytes <= other.at || other.at + other.bytes <= at).toBe(true);
          held.push({ at, bytes: Math.max(1, bytes) });
        }
        for (const { at, bytes } of held) memory.give(at, bytes);
        // All of it is one piece again.
        const size = memory.buffer.byteLength;
        memory.take(size - 1024);
        expect(memory.buffer.byteLength).toBe(size);
      }),
      { numRuns: 100 },
    ));

  it("ends at 4 GB", () => {
    const memory = new Memory(new WebAssembly.Memory({ initial: 1 }), 1024);
    expect(() => memory.take(2 ** 32)).toThrow(RangeError);
  });
});
