import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharedFile } from "../../kernels/testing/shared.ts";
import { decodeInto, findDtype } from "../tensors/decode.ts";
import { encodeFloats, type FloatDtype } from "./floats.ts";

function decode(dtype: FloatDtype, bytes: Uint8Array): Float32Array {
  const out = new Float32Array(bytes.length / (dtype === "F32" ? 4 : 2));
  decodeInto(findDtype(dtype)!, bytes, 0, true, out);
  return out;
}
const every = Uint16Array.from({ length: 65536 }, (_, code) => code);
const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);

describe("floats in 16 bits", () => {
  it("give back every bfloat16 code, NaNs with their payloads among them", () => {
    const { bytes, overflow } = encodeFloats("BF16", decode("BF16", new Uint8Array(every.buffer.slice(0))));
    expect(new Uint16Array(bytes.buffer)).toEqual(every);
    expect(overflow).toBe(0);
  });

  it("give back every half that is no NaN, and a NaN for every NaN", () => {
    const values = decode("F16", new Uint8Array(every.buffer.slice(0)));
    const codes = new Uint16Array(encodeFloats("F16", values).bytes.buffer);
    const wrong = every.filter((code) =>
      Number.isNaN(values[code]) ? (codes[code] & 0x7fff) <= 0x7c00 : codes[code] !== code,
    );
    expect([...wrong]).toEqual([]);
  });

  /** Of the two neighbours the nearer; in the middle the one with an even code. */
  it.each(["F16", "BF16"] as const)("%s is the nearest, ties to even, over all bit patterns", (dtype) => {
    const decoded = decode(dtype, new Uint8Array(every.buffer.slice(0)));
    const infinity = dtype === "F16" ? 0x7c00 : 0x7f80;
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.boolean(), (magnitude, negative) => {
        const values = new Float32Array(1);
        bitsOf(values)[0] = magnitude + (negative ? 2 ** 31 : 0);
        const x = Math.abs(values[0]);
        const code = new Uint16Array(encodeFloats(dtype, values).bytes.buffer)[0];
        if (Number.isNaN(x)) return (code & 0x7fff) > infinity;
        if (code >>> 15 !== Number(negative)) return false;
        const at = code & 0x7fff;
        if (x === Number.POSITIVE_INFINITY) return at === infinity;
        // The step beyond the largest finite value is as long as the one before it.
        const value = (c: number) => (c === infinity ? 2 * decoded[c - 1] - decoded[c - 2] : decoded[c]);
        const distance = (c: number) => (c < 0 || c > infinity ? Number.POSITIVE_INFINITY : Math.abs(x - value(c)));
        const nearest = Math.min(distance(at - 1), distance(at), distance(at + 1));
        const tie = distance(at - 1) === nearest || distance(at + 1) === nearest;
        if (at === infinity && x > value(infinity)) return true;
        return distance(at) === nearest && (!tie || at % 2 === 0);
      }),
      { numRuns: 20_000 },
    );
  });

  it("count finite values that become infinite", () => {
    const values = Float32Array.of(65519.996, 65520, -1e6, Number.POSITIVE_INFINITY, Number.NaN);
    expect(encodeFloats("F16", values).overflow).toBe(2);
    const most = new Float32Array(2);
    bitsOf(most).set([0x7f7fffff, 0x7f7f7fff]);
    expect(encodeFloats("BF16", most).overflow).toBe(1);
    expect([...decode("F16", encodeFloats("F16", values).bytes)]).toEqual([65504, Infinity, -Infinity, Infinity, NaN]);
  });

  it("F32 keeps the bits, in a buffer of its own", () => {
    const values = new Float32Array(3);
    bitsOf(values).set([0x80000000, 1, 0x7fc12345]);
    const { bytes } = encodeFloats("F32", values.subarray(1));
    expect([...new Uint32Array(bytes.buffer)]).toEqual([1, 0x7fc12345]);
  });
});

const json = sharedFile("golden/casts.json");
describe.skipIf(json === null)(`16-bit floats against ml_dtypes${json ? "" : " (golden data absent)"}`, () => {
  it.each([
    ["F16", "float16"],
    ["BF16", "bfloat16"],
  ] as const)("%s encodes every golden value alike", (dtype, name) => {
    const { files } = JSON.parse(readFileSync(json!, "utf8"));
    const file = readFileSync(sharedFile("golden/casts.bin")!);
    const part = (key: string, width: number) => {
      const { offset, length } = files[key];
      return file.buffer.slice(file.byteOffset + offset, file.byteOffset + offset + length * width) as ArrayBuffer;
    };
    const inputs = new Float32Array(part("inputs_f32", 4));
    const wanted = new Uint16Array(part(`${name}/encode_f32`, 2));
    const codes = new Uint16Array(encodeFloats(dtype, inputs).bytes.buffer);
    const wrong = codes.filter((code, i) => code !== wanted[i] && !Number.isNaN(inputs[i]));
    expect([...wrong]).toEqual([]);
  });
});
