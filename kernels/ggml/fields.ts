import { HALF, smallFloatTable } from "../exact/small-float.ts";

let halves: Float32Array | null = null;

/** The value of IEEE half-precision bits. */
export function halfValue(bits: number): number {
  halves ??= smallFloatTable(HALF);
  return halves[bits];
}

/** The half at byte `at`. */
export function half(bytes: Uint8Array, at: number): number {
  return halfValue(uint16(bytes, at));
}

export function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

/** As a signed number of 32 bits, whose bits are what matters. */
export function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** The byte at `at` as a signed number. */
export function int8(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) >> 24;
}
