/** The types whose quantizer is reproduced, with where each keeps its codes and scales. */
import { encodeQ2_K, encodeQ3_K, encodeQ4_K, encodeQ5_K, encodeQ6_K } from "./encode-k.ts";
import { encodeIq4_nl, encodeIq4_xs, encodeMxfp4, encodeNvfp4 } from "./encode-levels.ts";
import {
  encodeQ1_0,
  encodeQ2_0,
  encodeQ4_0,
  encodeQ4_1,
  encodeQ5_0,
  encodeQ5_1,
  encodeQ8_0,
  encodeTq1_0,
  encodeTq2_0,
} from "./encode-simple.ts";
import { halfValue, int8, uint16 } from "./fields.ts";
import { minOf, scaleOf } from "./k-quants.ts";
import { type CodeLayout, crumbs, nibbles, planes, stream, stripes, trits } from "./layout.ts";
import { IQ4_LEVELS, ue4m3 } from "./levels.ts";
import { ggmlTypes } from "./registry.ts";
import { type EncodeBlock, type GgmlType, SUPER } from "./types.ts";

/** A number that a block stores for every `per` of its elements. */
export interface StoredField {
  per: number;
  /** The format that holds it, as notation names it, and the bits that the block has for it. */
  format: string;
  bits: number;
  /** The stored code of field `k` of the block at byte `at`. */
  code(bytes: Uint8Array, at: number, k: number): number;
  value(code: number): number;
}

/** What the codes of a type stand for: a format of the notation, or levels by code. */
export type Levels = string | readonly number[];

/**
 * A block type as a quantizer: x = scale * level(code) + offset. The scale is the product of the fields `scales`, from
 * the innermost out; the offset, where there are `offsets`, is the product of these with their sign.
 */
export interface BlockCodec {
  type: GgmlType;
  /** As recipes name it. */
  name: string;
  describe: string;
  levels: Levels;
  /** Bits of a code as stored, counted with what packing wastes. */
  codeBits: number;
  scales: readonly StoredField[];
  offsets: readonly StoredField[];
  /** 1, or -1 where the offset is a minimum that is stored without its sign. */
  offsetSign: 1 | -1;
  layout: CodeLayout;
  encode: EncodeBlock;
}

const halfField = (per: number, offset: number): StoredField => ({
  per,
  format: "f16",
  bits: 16,
  code: (bytes, at) => uint16(bytes, at + offset),
  value: halfValue,
});

/** A whole number whose format's name ends with its width. */
const integer = (per: number, format: string, code: StoredField["code"], zero = 0): StoredField => ({
  per,
  format,
  bits: Number(format.replace(/\D+/, "")),
  code,
  value: (stored) => stored - zero,
});

/** Whole numbers from -zero on, by their codes from 0 on. */
const around = (count: number, zero: number): number[] => Array.from({ length: count }, (_, code) => code - zero);

/** Signed bytes by their bits. */
const BYTES = Array.from({ length: 256 }, (_, code) => (code << 24) >> 24);

/** The 6-bit scale of sub-block k of Q3_K: low four bits in a nibble of byte k mod 8, high two in byte 8 + k mod 4. */
const q3Scale = (bytes: Uint8Array, at: number, k: number): number =>
  ((bytes[at + 96 + (k & 7)] >> (4 * (k >> 3))) & 15) | (((bytes[at + 104 + (k & 3)] >> (2 * (k >> 2))) & 3) << 4);

const iq4Scale = (bytes: Uint8Array, at: number, k: number): number =>
  ((bytes[at + 4 + (k >> 1)] >> (4 * (k & 1))) & 15) | (((bytes[at + 2 + (k >> 2)] >> (2 * (k & 3))) & 3) << 4);

type Given = Omit<BlockCodec, "type" | "name" | "offsets" | "offsetSign" | "codeBits"> & Partial<BlockCodec>;

function codec(typeName: string, given: Given): BlockCodec {
  const type = ggmlTypes.find((t) => t.name === typeName)!;
  const name = typeName.toLowerCase();
  const fields = [...given.scales, ...(given.offsets ?? [])];
  const scaleBits = fields.reduce((sum, { per, bits }) => sum + bits / per, 0);
  return {
    type,
    name,
    offsets: [],
    offsetSign: 1,
    codeBits: (8 * type.bytes) / type.elements - scaleBits,
    ...given,
  };
}

const subScales = (start: number) => integer(32, "uint6", (bytes, at, k) => scaleOf(bytes, at + start, k));
const subMins = (start: number) => integer(32, "uint6", (bytes, at, k) => minOf(bytes, at + start, k));

export const blockCodecs: readonly BlockCodec[] = [
  codec("Q1_0", {
    describe: "signs times the mean magnitude, blocks of 128",
    levels: [-1, 1],
    scales: [halfField(128, 0)],
    layout: planes(128, stream(2, 1)),
    encode: encodeQ1_0,
  }),
  codec("Q2_0", {
    describe: "2 bits, blocks of 64: amax and -1, 0, 1",
    levels: around(4, 1),
    scales: [halfField(64, 0)],
    layout: planes(64, stream(2, 2)),
    encode: encodeQ2_0,
  }),
  codec("Q4_0", {
    describe:
      "4 bits, blocks of 32: the signed maximum over -8. As int4(signmax)/32:f16, but rounded with the float32 scale, ties up",
    levels: around(16, 8),
    scales: [halfField(32, 0)],
    layout: planes(32, nibbles(2, 16)),
    encode: encodeQ4_0,
  }),
  codec("Q4_1", {
    describe: "4 bits, blocks of 32 from the least to the greatest value",
    levels: "uint4",
    scales: [halfField(32, 0)],
    offsets: [halfField(32, 2)],
    layout: planes(32, nibbles(4, 16)),
    encode: encodeQ4_1,
  }),
  codec("Q5_0", {
    describe: "5 bits, blocks of 32: the signed maximum over -16",
    levels: around(32, 16),
    scales: [halfField(32, 0)],
    layout: planes(32, nibbles(6, 16), stream(2, 1, 4)),
    encode: encodeQ5_0,
  }),
  codec("Q5_1", {
    describe: "5 bits, blocks of 32 from the least to the greatest value",
    levels: "uint5",
    scales: [halfField(32, 0)],
    offsets: [halfField(32, 2)],
    layout: planes(32, nibbles(8, 16), stream(4, 1, 4)),
    encode: encodeQ5_1,
  }),
  codec("Q8_0", {
    describe: "8 bits, blocks of 32: amax/127. As int8@away/32:f16, but rounded with the float32 scale",
    levels: BYTES,
    scales: [halfField(32, 0)],
    layout: planes(32, stream(2, 8)),
    encode: encodeQ8_0,
  }),
  codec("Q2_K", {
    describe: "2 bits, 16 sub-blocks of 16 with 4-bit scales and minima, searched",
    levels: "uint2",
    scales: [integer(16, "uint4", (bytes, at, k) => bytes[at + k] & 15), halfField(SUPER, 80)],
    offsets: [integer(16, "uint4", (bytes, at, k) => bytes[at + k] >> 4), halfField(SUPER, 82)],
    offsetSign: -1,
    layout: planes(SUPER, crumbs(16)),
    encode: encodeQ2_K,
  }),
  codec("Q3_K", {
    describe: "3 bits, 16 sub-blocks of 16 with 6-bit scales, searched",
    levels: around(8, 4),
    scales: [integer(16, "int6", q3Scale, 32), halfField(SUPER, 108)],
    layout: planes(SUPER, crumbs(32), stripes(0, 2)),
    encode: encodeQ3_K,
  }),
  codec("Q4_K", {
    describe: "4 bits, 8 sub-blocks of 32 with 6-bit scales and minima, searched",
    levels: "uint4",
    scales: [subScales(4), halfField(SUPER, 0)],
    offsets: [subMins(4), halfField(SUPER, 2)],
    offsetSign: -1,
    layout: planes(SUPER, nibbles(16, 32)),
    encode: encodeQ4_K,
  }),
  codec("Q5_K", {
    describe: "5 bits, 8 sub-blocks of 32 with 6-bit scales and minima, searched",
    levels: "uint5",
    scales: [subScales(4), halfField(SUPER, 0)],
    offsets: [subMins(4), halfField(SUPER, 2)],
    offsetSign: -1,
    layout: planes(SUPER, nibbles(48, 32), stripes(16, 4)),
    encode: encodeQ5_K,
  }),
  codec("Q6_K", {
    describe: "6 bits, 16 sub-blocks of 16 with 8-bit scales, searched",
    levels: around(64, 32),
    scales: [integer(16, "int8", (bytes, at, k) => int8(bytes, at + 192 + k)), halfField(SUPER, 208)],
    layout: planes(SUPER, nibbles(0, 64), crumbs(128, 4)),
    encode: encodeQ6_K,
  }),
  codec("IQ4_NL", {
    describe: "16 unequal levels, blocks of 32, searched",
    levels: [...IQ4_LEVELS],
    scales: [halfField(32, 0)],
    layout: planes(32, nibbles(2, 16)),
    encode: encodeIq4_nl,
  }),
  codec("IQ4_XS", {
    describe: "16 unequal levels, 8 sub-blocks of 32 with 6-bit scales, searched",
    levels: [...IQ4_LEVELS],
    scales: [integer(32, "int6", iq4Scale, 32), halfField(SUPER, 0)],
    layout: planes(SUPER, nibbles(8, 16)),
    encode: encodeIq4_xs,
  }),
  codec("TQ1_0", {
    describe: "-1, 0 and 1 times amax of 256, five to a byte",
    levels: [-1, 0, 1],
    scales: [halfField(SUPER, 52)],
    layout: trits,
    encode: encodeTq1_0,
  }),
  codec("TQ2_0", {
    describe: "-1, 0 and 1 times amax of 256, 2 bits each",
    levels: [-1, 0, 1],
    scales: [halfField(SUPER, 64)],
    layout: planes(SUPER, crumbs(0)),
    encode: encodeTq2_0,
  }),
  codec("MXFP4", {
    name: "ggml_mxfp4",
    describe: "MXFP4 as ggml rounds it: as mxfp4@inward, but for amax just below a power of two, and never NaN",
    levels: "e2m1",
    scales: [{ per: 32, format: "e8m0", bits: 8, code: (bytes, at) => bytes[at], value: (code) => 2 ** (code - 127) }],
    layout: planes(32, nibbles(1, 16)),
    encode: encodeMxfp4,
  }),
  codec("NVFP4", {
    name: "ggml_nvfp4",
    describe: "NVFP4 as ggml rounds it: without a scale of the tensor",
    levels: "e2m1",
    scales: [{ per: 16, format: "ue4m3", bits: 8, code: (bytes, at, k) => bytes[at + k], value: ue4m3 }],
    layout: planes(64, nibbles(4, 8)),
    encode: encodeNvfp4,
  }),
];

const byType = new Map(blockCodecs.map((c) => [c.type.id, c]));

/** The quantizer of a type, or undefined where it is not reproduced here. */
export function codecOf(type: GgmlType): BlockCodec | undefined {
  return byType.get(type.id);
}
