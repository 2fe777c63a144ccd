import { expect, test } from "vitest";
import { threefry2x32 } from "./threefry.ts";

/** From Random123's kat_vectors: counter, key, expected. */
const known: [number[], number[], number[]][] = [
  [
    [0, 0],
    [0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x243f6a88, 0x85a308d3],
    [0x13198a2e, 0x03707344],
    [0xc4923a9c, 0x483df7a0],
  ],
];

test.each(known)("Threefry-2x32-20 of counter %j under key %j", (counter, key, expected) => {
  const out = new Uint32Array(2);
  threefry2x32(key[0], key[1], counter[0], counter[1], out);
  expect([...out]).toEqual(expected);
});

test("a negative (signed) argument means the same 32 bits", () => {
  const [signed, unsigned] = [new Uint32Array(2), new Uint32Array(2)];
  threefry2x32(-1, -2, -3, -4, signed);
  threefry2x32(0xffffffff, 0xfffffffe, 0xfffffffd, 0xfffffffc, unsigned);
  expect(signed).toEqual(unsigned);
});
