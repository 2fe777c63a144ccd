import fc from "fast-check";
import { expect, test } from "vitest";
import { anotherDigest, type CaptureReference, parseReference, printReference } from "./reference.ts";

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const words = fc.string({ unit: "grapheme-ascii", minLength: 1 });
const one: fc.Arbitrary<CaptureReference> = fc.record({
  ...{ windows: fc.integer({ min: 1, max: 1e6 }), tokens: fc.integer({ min: 1, max: 1e6 }) },
  ...{
    seed: fc.nat(),
    keep: fc.nat(9999),
    gradients: fc.boolean(),
    attention: fc.boolean(),
    model: hex(16),
    digest: hex(64),
  },
  energy: fc.double({ min: 0, max: 1e300, noNaN: true }).map(Math.abs),
  text: fc.oneof(
    fc.constantFrom("judge" as const, "calibrate" as const),
    fc.record({ name: words, size: fc.nat(), digest: hex(32) }),
  ),
  ...{ only: fc.option(words), sequential: fc.option(words) },
});

test("what is printed is read again", () => {
  fc.assert(
    fc.property(one, (reference) => {
      expect(parseReference(printReference(reference))).toEqual(reference);
    }),
  );
});

test.each([
  "",
  "16x512",
  "16x512,seed=1,keep=2,text=all,model=0123456789abcdef,digest=0123456789abcdef,squares=1",
  "axb,seed=1",
])("%s is none", (text) => expect(() => parseReference(text)).toThrow("makes no sense"));

test("another digest is told with how far apart the sums are", () => {
  const named = { digest: "a".repeat(64), energy: 1000 };
  expect(anotherDigest(named, named.digest, 1000)).toBeNull();
  expect(anotherDigest(named, "b".repeat(64), 1000.01)).toMatch(
    /add up to the same within 1e-5, and figures agree to about 0.0001/,
  );
  expect(anotherDigest(named, "b".repeat(64), 1100)).toMatch(
    /differ by 10 %: it is not the same text, model or recipe/,
  );
});
