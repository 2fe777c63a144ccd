import fc from "fast-check";
import { expect, test } from "vitest";
import { memorySource } from "../../bytes/byte-source.ts";
import { type Field, packedVarints, Wire } from "./wire.ts";
import { message, packed } from "./write-for-test.ts";

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

test("varints of any size are read back", () => {
  fc.assert(
    fc.property(fc.array(int64), (values) => {
      expect([...packedVarints(packed(...values))]).toEqual(values);
    }),
  );
  expect(() => [...packedVarints(Uint8Array.of(1, 0x80))]).toThrow("cut off");
  expect(() => [...packedVarints(new Uint8Array(11).fill(0xff))]).toThrow("cut off");
});

test("fields are read back, wherever the windows of reading end", async () => {
  const field = fc.tuple(
    fc.integer({ min: 1, max: 2 ** 20 }),
    fc.oneof(
      fc.nat(2 ** 31 - 1),
      fc.uint8Array({ maxLength: 50 }),
      fc.nat(200_000).map((n) => new Uint8Array(n)),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(field, { maxLength: 20 }), async (fields) => {
      const bytes = message(fields);
      const wire = new Wire(memorySource("f", bytes));
      const found: Field[] = [];
      await wire.fields(
        { begin: 0, end: bytes.length },
        () => "it",
        (f) => {
          found.push(f);
          return undefined;
        },
      );
      expect(found.map(({ number }) => number)).toEqual(fields.map(([number]) => number));
      for (const [i, [, value]] of fields.entries()) {
        if (typeof value === "number") expect(found[i].value).toBe(value);
        else expect(Buffer.compare(await wire.bytes(found[i]), value)).toBe(0);
      }
    }),
    { numRuns: 50 },
  );
});
