import { halfValue, uint16 } from "./fields.ts";

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

export const halfField = (per: number, offset: number): StoredField => ({
  per,
  format: "f16",
  bits: 16,
  code: (bytes, at) => uint16(bytes, at + offset),
  value: halfValue,
});
