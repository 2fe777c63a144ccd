/** Blocks of random bytes, against the floats that ggml's dequantize_row_* gave for them (commit d99724f, without FMA). */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import golden from "./decode.golden.json" with { type: "json" };
import { decodeBlocks, type GgmlType, ggmlTypes } from "./index.ts";

const base64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

function decode(type: GgmlType, bytes: Uint8Array): Float32Array {
  const out = new Float32Array((bytes.length / type.bytes) * type.elements);
  decodeBlocks(type, bytes, out);
  return out;
}

/** Bits, with one NaN for all: engines do not keep their payloads. */
const bitsOf = (values: Float32Array) =>
  new Uint32Array(values.buffer).map((bits, i) => (Number.isNaN(values[i]) ? 0x7fc00000 : bits));

/** The upper bytes of a linear congruential generator that starts from the type's id. */
function randomBytes(count: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

const blockTypes = ggmlTypes.filter((type) => type.decode);

describe.each(Object.entries(golden))("%s", (name, { blocks, floats, sha256 }) => {
  const type = ggmlTypes.find((t) => t.name === name) as GgmlType;
  test("blocks decode to ggml's bits", () => {
    const decoded = decode(type, base64(blocks));
    expect(bitsOf(decoded)).toEqual(new Uint32Array(base64(floats).buffer));
  });
  test("1,024 blocks with every kind of scale, NaN among them, hash to ggml's", () => {
    const decoded = decode(type, randomBytes(1024 * type.bytes, type.id));
    expect(createHash("sha256").update(bitsOf(decoded)).digest("hex")).toBe(sha256);
  });
});

test("every block type is held against ggml but Q8_1, which ggml does not decode", () => {
  const missing = blockTypes.map((t) => t.name).filter((name) => !(name in golden));
  expect(missing).toEqual(["Q8_1"]);
});
