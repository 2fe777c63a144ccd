import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hex, Sha256, sha256 } from "./sha256.ts";

test("agrees with another implementation at every length of padding", () => {
  for (let length = 0; length < 200; length++) {
    const message = Uint8Array.from({ length }, (_, i) => i * 7 + length);
    expect(Buffer.from(sha256(message)).toString("hex")).toBe(createHash("sha256").update(message).digest("hex"));
  }
});

test("agrees with another implementation on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000 }), (message) => {
      expect(Buffer.from(sha256(message)).toString("hex")).toBe(createHash("sha256").update(message).digest("hex"));
    }),
  );
});

test("a message in pieces has the digest of the whole", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 });
  fc.assert(
    fc.property(pieces, (parts) => {
      const digest = new Sha256();
      for (const part of parts) digest.update(part);
      expect(hex(digest.finish())).toBe(createHash("sha256").update(Buffer.concat(parts)).digest("hex"));
    }),
  );
});
