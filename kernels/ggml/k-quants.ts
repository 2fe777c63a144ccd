/**
 * Super-blocks of 256 elements: a half or two for the super-block, small integers as scales (and minima) of its
 * sub-blocks.
 */
import { half, int8, word } from "./fields.ts";
import { type DecodeBlock, SUPER } from "./types.ts";

/**
 * 16 sub-blocks of 16. 16 bytes with scale (low nibble) and minimum (high nibble), 64 bytes of 2-bit codes, d, dmin. In
 * each half of the super-block, 32 bytes hold element l of four runs of 32, from the lowest bits up.
 */
export const q2_K: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 80);
  const dmin = half(bytes, at + 82);
  for (let sub = 0; sub < 16; sub++) {
    const scale = d * (bytes[at + sub] & 15);
    const min = dmin * (bytes[at + sub] >> 4);
    const codes = at + 16 + 32 * (sub >> 3) + 16 * (sub & 1);
    const shift = 2 * ((sub >> 1) & 3);
    for (let l = 0; l < 16; l++) out[to + 16 * sub + l] = scale * ((bytes[codes + l] >> shift) & 3) - min;
  }
};

/**
 * 16 sub-blocks of 16, codes of 3 bits for -4 to 3. 32 bytes of high bits, 64 of low ones as in Q2_K, 12 with 6-bit
 * scales (for -32 to 31), d. Bit b of high byte l belongs to element 32 b + l.
 */
export const q3_K: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 108);
  for (let sub = 0; sub < 16; sub++) {
    // Scale s: its low four bits are a nibble of byte s mod 8, its high two are in byte 8 + s mod 4.
    const low = (bytes[at + 96 + (sub & 7)] >> (4 * (sub >> 3))) & 15;
    const high = (bytes[at + 104 + (sub & 3)] >> (2 * (sub >> 2))) & 3;
    const scale = d * ((low | (high << 4)) - 32);
    const start = 16 * (sub & 1);
    const codes = at + 32 + 32 * (sub >> 3) + start;
    const shift = 2 * ((sub >> 1) & 3);
    const bit = sub >> 1;
    for (let l = 0; l < 16; l++) {
      const code = (bytes[codes + l] >> shift) & 3;
      out[to + 16 * sub + l] = scale * (code - ((bytes[at + start + l] >> bit) & 1 ? 0 : 4));
    }
  }
};

/** The 6-bit scale of sub-block j (0 to 7) in the 12 bytes at `at` of Q4_K and Q5_K. */
export function scaleOf(bytes: Uint8Array, at: number, j: number): number {
  return j < 4 ? bytes[at + j] & 63 : (bytes[at + j + 4] & 15) | ((bytes[at + j - 4] >> 6) << 4);
}

/** The 6-bit minimum of sub-block j there. */
export function minOf(bytes: Uint8Array, at: number, j: number): number {
  return j < 4 ? bytes[at + j + 4] & 63 : (bytes[at + j + 4] >> 4) | ((bytes[at + j] >> 6) << 4);
}

/**
 * 8 sub-blocks of 32: d, dmin, 12 bytes of scales and minima, 128 of nibbles. Each 32 bytes hold two sub-blocks, the
 * first in the low nibbles.
 */
export const q4_K: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  const dmin = half(bytes, at + 2);
  for (let sub = 0; sub < 8; sub++) {
    const scale = d * scaleOf(bytes, at + 4, sub);
    const min = dmin * minOf(bytes, at + 4, sub);
    const codes = at + 16 + 32 * (sub >> 1);
    const shift = 4 * (sub & 1);
    for (let l = 0; l < 32; l++) out[to + 32 * sub + l] = scale * ((bytes[codes + l] >> shift) & 15) - min;
  }
};

/** As Q4_K with 32 bytes of fifth bits before the nibbles: bit b of byte l belongs to element 32 b + l. */
export const q5_K: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  const dmin = half(bytes, at + 2);
  for (let sub = 0; sub < 8; sub++) {
    const scale = d * scaleOf(bytes, at + 4, sub);
    const min = dmin * minOf(bytes, at + 4, sub);
    const codes = at + 48 + 32 * (sub >> 1);
    const shift = 4 * (sub & 1);
    for (let l = 0; l < 32; l++) {
      const code = ((bytes[codes + l] >> shift) & 15) | (((bytes[at + 16 + l] >> sub) & 1) << 4);
      out[to + 32 * sub + l] = scale * code - min;
    }
  }
};

/**
 * 16 sub-blocks of 16, codes of 6 bits for -32 to 31: 128 bytes of low nibbles, 64 of high bits, 16 signed scales, d. In
 * each half of the super-block, runs of 32 take their nibbles from bytes l, l + 32 (low), l, l + 32 (high), and their
 * high bits from byte l, from the lowest up.
 */
export const q6_K: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 208);
  for (let sub = 0; sub < 16; sub++) {
    const scale = d * int8(bytes, at + 192 + sub);
    const run = (sub >> 1) & 3;
    const start = 16 * (sub & 1);
    const low = at + 64 * (sub >> 3) + 32 * (run & 1) + start;
    const high = at + 128 + 32 * (sub >> 3) + start;
    for (let l = 0; l < 16; l++) {
      const code = ((bytes[low + l] >> (4 * (run >> 1))) & 15) | (((bytes[high + l] >> (2 * run)) & 3) << 4);
      out[to + 16 * sub + l] = scale * (code - 32);
    }
  }
};

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** Activations: d in float32, 256 signed bytes, and sums of 16 codes that only dot products use. */
export const q8_K: DecodeBlock = (bytes, at, out, to) => {
  bits[0] = word(bytes, at);
  const d = float[0];
  for (let j = 0; j < SUPER; j++) out[to + j] = d * int8(bytes, at + 4 + j);
};
