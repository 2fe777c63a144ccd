/** The types whose quantizer is reproduced, with where each keeps its codes and scales. */
import { int8 } from "./fields.ts";
import { gridParts } from "./grid-types.ts";
import { minOf, scaleOf } from "./k-quants.ts";
import { type CodeLayout, crumbs, nibbles, planes, stream, stripes, trits } from "./layout.ts";
import { ue4m3 } from "./levels.ts";
import { type BlockQuantizer, blockQuantizers } from "./names.ts";
import { plainTypes } from "./plain-types.ts";
import { halfField, type StoredField } from "./stored.ts";
import { type EncodeBlock, type GgmlType, SUPER } from "./types.ts";

/**
 * A block type as a quantizer: x = scale * level(code) + offset. The scale is the product of the fields `scales`, from
 * the innermost out; the offset, where there are `offsets`, is the product of these with their sign.
 */
export interface BlockCodec extends Omit<BlockQuantizer, "type"> {
  type: GgmlType;
  /** Bits of a code as stored, counted with what packing wastes. */
  codeBits: number;
  scales: readonly StoredField[];
  offsets: readonly StoredField[];
  /** 1, or -1 where the offset is a minimum that is stored without its sign. */
  offsetSign: 1 | -1;
  layout: CodeLayout;
  encode: EncodeBlock;
  /**
   * To be waited for before anything is encoded: quantizers, tables and searches in wasm are loaded when first needed. Types with grids
   * need it for decoding and unpacking, too.
   */
  load(): Promise<void>;
}

/** A whole number whose format's name ends with its width. */
const integer = (per: number, format: string, code: StoredField["code"], zero = 0): StoredField => ({
  per,
  format,
  bits: Number(format.replace(/\D+/, "")),
  code,
  value: (stored) => stored - zero,
});

/** The 6-bit scale of sub-block k of Q3_K: low four bits in a nibble of byte k mod 8, high two in byte 8 + k mod 4. */
const q3Scale = (bytes: Uint8Array, at: number, k: number): number =>
  ((bytes[at + 96 + (k & 7)] >> (4 * (k >> 3))) & 15) | (((bytes[at + 104 + (k & 3)] >> (2 * (k >> 2))) & 3) << 4);

const iq4Scale = (bytes: Uint8Array, at: number, k: number): number =>
  ((bytes[at + 4 + (k >> 1)] >> (4 * (k & 1))) & 15) | (((bytes[at + 2 + (k >> 2)] >> (2 * (k & 3))) & 3) << 4);

type Encoders = typeof import("./encoders.ts");

type EncoderName = { [K in keyof Encoders]: Encoders[K] extends EncodeBlock ? K : never }[keyof Encoders];

let encoders: Encoders | null = null;

/** Quantizers are loaded when one is first needed: their names and layouts are in every worker. What weighs columns searches, in wasm. */
const loading = (searches: boolean) => async (): Promise<void> => {
  encoders ??= await import("./encoders.ts");
  if (searches) await encoders.loadFast();
};

function encoderNamed(name: EncoderName): EncodeBlock {
  return (...args) => {
    if (!encoders) throw new Error("the quantizers of ggml are not loaded: await the codec's load()");
    return encoders[name](...args);
  };
}

type Given = Pick<BlockCodec, "scales" | "layout"> &
  Partial<Omit<BlockCodec, "encode">> & { encode: EncodeBlock | EncoderName };

const codec = (typeName: string, given: Given): BlockCodec => {
  const type = given.type ?? plainTypes.find((t) => t.name === typeName)!;
  const fields = [...given.scales, ...(given.offsets ?? [])];
  const fieldBits = fields.reduce((sum, { per, bits }) => sum + bits / per, 0);
  const known = blockQuantizers.find((q) => q.type === typeName)!;
  return {
    ...known,
    offsets: [],
    offsetSign: 1,
    codeBits: (8 * type.bytes) / type.elements - fieldBits,
    load: loading(known.weighs ?? false),
    ...given,
    type,
    encode: typeof given.encode === "string" ? encoderNamed(given.encode) : given.encode,
  };
};

const subScales = (start: number) => integer(32, "uint6", (bytes, at, k) => scaleOf(bytes, at + start, k));
const subMins = (start: number) => integer(32, "uint6", (bytes, at, k) => minOf(bytes, at + start, k));

export const blockCodecs: readonly BlockCodec[] = [
  codec("Q1_0", {
    scales: [halfField(128, 0)],
    layout: planes(128, stream(2, 1)),
    encode: "encodeQ1_0",
  }),
  codec("Q2_0", {
    scales: [halfField(64, 0)],
    layout: planes(64, stream(2, 2)),
    encode: "encodeQ2_0",
  }),
  codec("Q4_0", {
    scales: [halfField(32, 0)],
    layout: planes(32, nibbles(2, 16)),
    encode: "encodeQ4_0",
  }),
  codec("Q4_1", {
    scales: [halfField(32, 0)],
    offsets: [halfField(32, 2)],
    layout: planes(32, nibbles(4, 16)),
    encode: "encodeQ4_1",
  }),
  codec("Q5_0", {
    scales: [halfField(32, 0)],
    layout: planes(32, nibbles(6, 16), stream(2, 1, 4)),
    encode: "encodeQ5_0",
  }),
  codec("Q5_1", {
    scales: [halfField(32, 0)],
    offsets: [halfField(32, 2)],
    layout: planes(32, nibbles(8, 16), stream(4, 1, 4)),
    encode: "encodeQ5_1",
  }),
  codec("Q8_0", {
    scales: [halfField(32, 0)],
    layout: planes(32, stream(2, 8)),
    encode: "encodeQ8_0",
  }),
  codec("Q2_K", {
    scales: [integer(16, "uint4", (bytes, at, k) => bytes[at + k] & 15), halfField(SUPER, 80)],
    offsets: [integer(16, "uint4", (bytes, at, k) => bytes[at + k] >> 4), halfField(SUPER, 82)],
    offsetSign: -1,
    layout: planes(SUPER, crumbs(16)),
    encode: "encodeQ2_K",
  }),
  codec("Q3_K", {
    scales: [integer(16, "int6", q3Scale, 32), halfField(SUPER, 108)],
    layout: planes(SUPER, crumbs(32), stripes(0, 2)),
    encode: "encodeQ3_K",
  }),
  codec("Q4_K", {
    scales: [subScales(4), halfField(SUPER, 0)],
    offsets: [subMins(4), halfField(SUPER, 2)],
    offsetSign: -1,
    layout: planes(SUPER, nibbles(16, 32)),
    encode: "encodeQ4_K",
  }),
  codec("Q5_K", {
    scales: [subScales(4), halfField(SUPER, 0)],
    offsets: [subMins(4), halfField(SUPER, 2)],
    offsetSign: -1,
    layout: planes(SUPER, nibbles(48, 32), stripes(16, 4)),
    encode: "encodeQ5_K",
  }),
  codec("Q6_K", {
    scales: [integer(16, "int8", (bytes, at, k) => int8(bytes, at + 192 + k)), halfField(SUPER, 208)],
    layout: planes(SUPER, nibbles(0, 64), crumbs(128, 4)),
    encode: "encodeQ6_K",
  }),
  codec("IQ4_NL", {
    scales: [halfField(32, 0)],
    layout: planes(32, nibbles(2, 16)),
    encode: "encodeIq4_nl",
  }),
  codec("IQ4_XS", {
    scales: [integer(32, "int6", iq4Scale, 32), halfField(SUPER, 0)],
    layout: planes(SUPER, nibbles(8, 16)),
    encode: "encodeIq4_xs",
  }),
  codec("TQ1_0", {
    scales: [halfField(SUPER, 52)],
    layout: trits,
    encode: "encodeTq1_0",
  }),
  codec("TQ2_0", {
    scales: [halfField(SUPER, 64)],
    layout: planes(SUPER, crumbs(0)),
    encode: "encodeTq2_0",
  }),
  codec("MXFP4", {
    scales: [{ per: 32, format: "e8m0", bits: 8, code: (bytes, at) => bytes[at], value: (code) => 2 ** (code - 127) }],
    layout: planes(32, nibbles(1, 16)),
    encode: "encodeMxfp4",
  }),
  codec("NVFP4", {
    scales: [{ per: 16, format: "ue4m3", bits: 8, code: (bytes, at, k) => bytes[at + k], value: ue4m3 }],
    layout: planes(64, nibbles(4, 8)),
    encode: "encodeNvfp4",
  }),
  ...gridParts.map((parts) => codec(parts.type.name, parts)),
];

const byType = new Map(blockCodecs.map((c) => [c.type.id, c]));
const byName = new Map(blockCodecs.map((c) => [c.name, c]));

/** The quantizer of a type, or undefined where it is not reproduced here. */
export function codecOf(type: GgmlType): BlockCodec | undefined {
  return byType.get(type.id);
}

/** The quantizer that a recipe's base names, or undefined. */
export function codecNamed(name: string): BlockCodec | undefined {
  return byName.get(name);
}
