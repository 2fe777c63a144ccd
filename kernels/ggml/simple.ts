/** Blocks with one scale: d * q, or d * q + m. Nibbles: low is element j of the block, high is element j + half a block. */
import { half, int8, word } from "./fields.ts";
import type { DecodeBlock } from "./types.ts";

/** A half d, then one sign bit an element, from the lowest bit of each byte up. */
export const q1_0: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  for (let j = 0; j < 128; j++) out[to + j] = (bytes[at + 2 + (j >> 3)] >> (j & 7)) & 1 ? d : -d;
};

/** A half d, then two bits an element, from the lowest up; codes stand for -1 to 2. */
export const q2_0: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  for (let j = 0; j < 64; j++) out[to + j] = (((bytes[at + 2 + (j >> 2)] >> (2 * (j & 3))) & 3) - 1) * d;
};

/** A half d and 16 bytes of nibbles; codes stand for -8 to 7. */
export const q4_0: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  for (let j = 0; j < 16; j++) {
    const pair = bytes[at + 2 + j];
    out[to + j] = ((pair & 15) - 8) * d;
    out[to + j + 16] = ((pair >> 4) - 8) * d;
  }
};

/** Halves d and m, and 16 bytes of nibbles. */
export const q4_1: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  const m = half(bytes, at + 2);
  for (let j = 0; j < 16; j++) {
    const pair = bytes[at + 4 + j];
    out[to + j] = (pair & 15) * d + m;
    out[to + j + 16] = (pair >> 4) * d + m;
  }
};

/** As Q4_0 with a fifth bit: bit j of a 32-bit word after d belongs to element j. Codes stand for -16 to 15. */
export const q5_0: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  const high = word(bytes, at + 2);
  for (let j = 0; j < 16; j++) {
    const pair = bytes[at + 6 + j];
    out[to + j] = (((pair & 15) | (((high >>> j) & 1) << 4)) - 16) * d;
    out[to + j + 16] = (((pair >> 4) | (((high >>> (j + 16)) & 1) << 4)) - 16) * d;
  }
};

/** As Q4_1 with the fifth bits of Q5_0. */
export const q5_1: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  const m = half(bytes, at + 2);
  const high = word(bytes, at + 4);
  for (let j = 0; j < 16; j++) {
    const pair = bytes[at + 8 + j];
    out[to + j] = ((pair & 15) | (((high >>> j) & 1) << 4)) * d + m;
    out[to + j + 16] = ((pair >> 4) | (((high >>> (j + 16)) & 1) << 4)) * d + m;
  }
};

/** A half d and 32 signed bytes. */
export const q8_0: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  for (let j = 0; j < 32; j++) out[to + j] = int8(bytes, at + 2 + j) * d;
};

/** Activations: a half d, a half d * (sum of codes) that only dot products use, and 32 signed bytes. */
export const q8_1: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  for (let j = 0; j < 32; j++) out[to + j] = int8(bytes, at + 4 + j) * d;
};
