/** The types whose elements are points of a grid, as codecs: light, since tables and quantizers are loaded when first needed. */
import { halfValue, uint16 } from "./fields.ts";
import { halfField, type StoredField } from "./stored.ts";
import { type DecodeBlock, type EncodeBlock, type GgmlType, SUPER } from "./types.ts";

type Work = typeof import("./grid-work.ts");

let loaded: Work | null = null;

async function load(): Promise<void> {
  const [work, { loadFast }] = await Promise.all([import("./grid-work.ts"), import("./fast.ts")]);
  await loadFast();
  loaded = work;
}

function work(): Work {
  if (!loaded) throw new Error("the tables of ggml's grids are not loaded: await the codec's load()");
  return loaded;
}

interface GridParts {
  type: GgmlType;
  scales: readonly StoredField[];
  encode: EncodeBlock;
  layout: { unpack(bytes: Uint8Array, at: number, codes: Uint8Array | Uint32Array, to: number): void };
  load(): Promise<void>;
}

type Decoders = { [K in keyof Work]: Work[K] extends DecodeBlock ? K : never }[keyof Work];

/** 4 or 3 bits of scale for every `per` elements; the value is (offset + code) * factor. */
const small = (per: number, bits: 3 | 4, offset: number, factor: number, code: StoredField["code"]): StoredField => ({
  per,
  format: `uint${bits}`,
  bits,
  code,
  value: (stored) => (offset + stored) * factor,
});

const nibble =
  (offset: number): StoredField["code"] =>
  (bytes, at, k) =>
    (bytes[at + offset + (k >> 1)] >> (4 * (k & 1))) & 15;

const part = (
  id: number,
  name: string,
  bytes: number,
  decoder: Decoders & `iq${string}`,
  encoder: keyof Work & `encode${string}`,
  scales: readonly StoredField[],
): GridParts => ({
  type: {
    id,
    name,
    elements: SUPER,
    bytes,
    decode: (from, at, out, to) => work()[decoder](from, at, out, to),
  },
  scales,
  encode: (...args) => work()[encoder](...args),
  layout: { unpack: (from, at, codes, to) => work()[`${decoder}Codes` as const](from, at, codes, to) },
  load,
});

/** The half of IQ1_M, whose four nibbles are the tops of the four words of scales. */
const spreadHalf: StoredField = {
  per: SUPER,
  format: "f16",
  bits: 16,
  code: (bytes, at) => {
    let bits = 0;
    for (let i = 0; i < 4; i++) bits |= (bytes[at + 49 + 2 * i] >> 4) << (4 * i);
    return bits;
  },
  value: halfValue,
};

const d = halfField(SUPER, 0);

export const gridParts: readonly GridParts[] = [
  part(19, "IQ1_S", 50, "iq1_s", "encodeIq1_s", [
    small(32, 3, 0.5, 2, (bytes, at, k) => (bytes[at + 35 + 2 * k] >> 4) & 7),
    d,
  ]),
  part(29, "IQ1_M", 56, "iq1_m", "encodeIq1_m", [
    small(16, 3, 0.5, 2, (bytes, at, k) => (uint16(bytes, at + 48 + 2 * (k >> 2)) >> (3 * (k & 3))) & 7),
    spreadHalf,
  ]),
  part(16, "IQ2_XXS", 66, "iq2_xxs", "encodeIq2_xxs", [
    small(32, 4, 0.5, 0.25, (bytes, at, k) => bytes[at + 9 + 8 * k] >> 4),
    d,
  ]),
  part(17, "IQ2_XS", 74, "iq2_xs", "encodeIq2_xs", [small(16, 4, 0.5, 0.25, nibble(66)), d]),
  part(22, "IQ2_S", 82, "iq2_s", "encodeIq2_s", [small(16, 4, 0.5, 0.25, nibble(74)), d]),
  part(18, "IQ3_XXS", 98, "iq3_xxs", "encodeIq3_xxs", [
    small(32, 4, 0.5, 0.5, (bytes, at, k) => bytes[at + 69 + 4 * k] >> 4),
    d,
  ]),
  part(21, "IQ3_S", 110, "iq3_s", "encodeIq3_s", [small(32, 4, 0.5, 2, nibble(106)), d]),
];
