/** Super-blocks of 256 whose codes are points of grids: 8 (or twice 4) elements a point, then signs. */
import { half, halfValue, uint16, word } from "./fields.ts";
import { evenSigns, iq1sGrid, iq2sGrid, iq2xsGrid, iq2xxsGrid, iq3sGrid, iq3xxsGrid } from "./grids.ts";
import type { DecodeBlock } from "./types.ts";

/** `count` coordinates of a point, each with its sign: bit j set for a negative one. */
function signed(
  grid: Int8Array,
  point: number,
  count: number,
  signs: number,
  scale: number,
  out: Float32Array,
  to: number,
): void {
  for (let j = 0; j < count; j++) {
    const value = scale * grid[count * point + j];
    out[to + j] = (signs >> j) & 1 ? -value : value;
  }
}

/** d, then for each 32 elements four points of 8 bits and a word with four times 7 signs and a 4-bit scale. */
export const iq2_xxs: DecodeBlock = (bytes, at, out, to) => {
  const grid = iq2xxsGrid();
  const d = half(bytes, at);
  for (let sub = 0; sub < 8; sub++) {
    const points = at + 2 + 8 * sub;
    const rest = word(bytes, points + 4);
    const scale = d * (0.5 + (rest >>> 28)) * 0.25;
    for (let l = 0; l < 4; l++) {
      signed(grid, bytes[points + l], 8, evenSigns[(rest >>> (7 * l)) & 127], scale, out, to + 32 * sub + 8 * l);
    }
  }
};

/** d, 32 words of a point of 9 bits and 7 signs, 8 bytes with two scales of 16 elements each. */
export const iq2_xs: DecodeBlock = (bytes, at, out, to) => {
  const grid = iq2xsGrid();
  const d = half(bytes, at);
  for (let l = 0; l < 32; l++) {
    const code = uint16(bytes, at + 2 + 2 * l);
    signed(grid, code & 511, 8, evenSigns[code >> 9], twoBitScale(d, bytes, at + 66, l), out, to + 8 * l);
  }
};

/** d, 32 bytes of low bits of 10-bit points, 32 of signs, 8 of high bits, 8 with two scales of 16 elements each. */
export const iq2_s: DecodeBlock = (bytes, at, out, to) => {
  const grid = iq2sGrid();
  const d = half(bytes, at);
  for (let l = 0; l < 32; l++) {
    const high = (bytes[at + 66 + (l >> 2)] >> (2 * (l & 3))) & 3;
    const scale = twoBitScale(d, bytes, at + 74, l);
    signed(grid, bytes[at + 2 + l] | (high << 8), 8, bytes[at + 34 + l], scale, out, to + 8 * l);
  }
};

/** The scale of the l-th eight elements: nibbles from `at` on, one for each 16. */
function twoBitScale(d: number, bytes: Uint8Array, at: number, l: number): number {
  return d * (0.5 + ((bytes[at + (l >> 2)] >> (4 * ((l >> 1) & 1))) & 15)) * 0.25;
}

/** d, 64 points of 8 bits, then for each 32 elements a word with four times 7 signs and a 4-bit scale. */
export const iq3_xxs: DecodeBlock = (bytes, at, out, to) => {
  const grid = iq3xxsGrid();
  const d = half(bytes, at);
  for (let l = 0; l < 32; l++) {
    const rest = word(bytes, at + 66 + 4 * (l >> 2));
    const scale = d * (0.5 + (rest >>> 28)) * 0.5;
    const signs = evenSigns[(rest >>> (7 * (l & 3))) & 127];
    signed(grid, bytes[at + 2 + 2 * l], 4, signs, scale, out, to + 8 * l);
    signed(grid, bytes[at + 3 + 2 * l], 4, signs >> 4, scale, out, to + 8 * l + 4);
  }
};

/** d, 64 bytes of low bits of 9-bit points, 8 of high bits, 32 of signs, 4 with two scales of 32 elements each. */
export const iq3_s: DecodeBlock = (bytes, at, out, to) => {
  const grid = iq3sGrid();
  const d = half(bytes, at);
  for (let l = 0; l < 32; l++) {
    const scale = d * (1 + 2 * ((bytes[at + 106 + (l >> 3)] >> (4 * ((l >> 2) & 1))) & 15));
    const high = bytes[at + 66 + (l >> 2)] >> (2 * (l & 3));
    const signs = bytes[at + 74 + l];
    signed(grid, bytes[at + 2 + 2 * l] | ((high & 1) << 8), 4, signs, scale, out, to + 8 * l);
    signed(grid, bytes[at + 3 + 2 * l] | ((high & 2) << 7), 4, signs >> 4, scale, out, to + 8 * l + 4);
  }
};

/** What is added to, or taken from, every coordinate of the one-bit types. */
const SHIFT = 0.125;

function shifted(grid: Int8Array, point: number, down: boolean, scale: number, out: Float32Array, to: number): void {
  const shift = down ? -SHIFT : SHIFT;
  for (let j = 0; j < 8; j++) out[to + j] = scale * (grid[8 * point + j] + shift);
}

/** d, 32 bytes of low bits of 11-bit points, then for each 32 elements a word: high bits, a 3-bit scale, the shift's sign. */
export const iq1_s: DecodeBlock = (bytes, at, out, to) => {
  const grid = iq1sGrid();
  const d = half(bytes, at);
  for (let l = 0; l < 32; l++) {
    const rest = uint16(bytes, at + 34 + 2 * (l >> 2));
    const scale = d * (2 * ((rest >> 12) & 7) + 1);
    const point = bytes[at + 2 + l] | (((rest >> (3 * (l & 3))) & 7) << 8);
    shifted(grid, point, (rest & 0x8000) !== 0, scale, out, to + 8 * l);
  }
};

/**
 * 32 bytes of low bits of 11-bit points, 16 with a nibble for each: high bits and the shift's sign. Then 4 words with four
 * 3-bit scales of 16 elements each; their top nibbles, the first the lowest, make the half d.
 */
export const iq1_m: DecodeBlock = (bytes, at, out, to) => {
  const grid = iq1sGrid();
  let bits = 0;
  for (let i = 0; i < 4; i++) bits |= (bytes[at + 49 + 2 * i] >> 4) << (4 * i);
  const d = halfValue(bits);
  for (let l = 0; l < 32; l++) {
    const scales = uint16(bytes, at + 48 + 2 * (l >> 3));
    const scale = d * (2 * ((scales >> (3 * ((l >> 1) & 3))) & 7) + 1);
    const rest = (bytes[at + 32 + (l >> 1)] >> (4 * (l & 1))) & 15;
    shifted(grid, bytes[at + l] | ((rest & 7) << 8), (rest & 8) !== 0, scale, out, to + 8 * l);
  }
};
