/**
 * A matrix as a kernel reads it that multiplies quantized weights with one token: codes of a width in words of 32 bits, with a
 * float32 scale for each four words. What a column's code is decides nothing of the time; where it lies does, so it lies as four
 * lanes want it: of the columns of four words, column 4 k + j is the k-th code of word j.
 */
import { uniformDraw } from "../../random/normal.ts";

/** Widths that can be timed. 16: bfloat16, 32: float32, both without scales. */
export const WIDTHS = [1, 2, 3, 4, 5, 6, 8, 16, 32] as const;
export type Width = (typeof WIDTHS)[number];

/** The width that bits a weight, scales and all, are timed as: the largest that is not more, and 1 below it. */
export const widthOf = (bitsPerWeight: number): Width =>
  WIDTHS.reduce<Width>((a, b) => (b <= bitsPerWeight ? b : a), 1);

export const codesAWord = (width: Width): number => Math.floor(32 / width);
/** Columns of four words, which share a scale. */
export const columnsAGroup = (width: Width): number => 4 * codesAWord(width);
export const hasScales = (width: Width): boolean => width < 16;

export interface Packed {
  width: Width;
  rows: number;
  /** Whole groups: the last one may go beyond the columns that were asked for, and is multiplied with zeros there. */
  groups: number;
  /** rows x groups x 4. */
  words: Uint32Array;
  /** rows x groups; empty where there are none. */
  scales: Float32Array;
}

const STREAM = 0x6c6174;

export const groupsOf = (cols: number, width: Width): number => Math.ceil(cols / columnsAGroup(width));
/** Bytes of a row of `cols` columns. */
export const rowBytes = (cols: number, width: Width): number => groupsOf(cols, width) * (hasScales(width) ? 20 : 16);

/** Random codes with small scales, such that products stay finite. Rows repeat after a while: what is in them takes no time. */
export function drawPacked(rows: number, cols: number, width: Width, seed: number): Packed {
  const groups = groupsOf(cols, width);
  const words = new Uint32Array(rows * groups * 4);
  const scales = new Float32Array(hasScales(width) ? rows * groups : 0);
  const drawn = Math.min(words.length, 1 << 14);
  for (let i = 0; i < drawn; i++) words[i] = wordOf(width, uniformDraw(seed, STREAM, i));
  for (let i = drawn; i < words.length; i += drawn) words.copyWithin(i, 0, Math.min(drawn, words.length - i));
  for (let i = 0; i < scales.length; i++) scales[i] = 0.01 * (1 + (i % 7));
  return { width, rows, groups, words, scales };
}

const bits = new DataView(new ArrayBuffer(4));
function wordOf(width: Width, draw: number): number {
  if (width < 16) return Math.floor(draw * 2 ** 32);
  bits.setFloat32(0, draw - 0.5);
  const word = bits.getUint32(0);
  return width === 32 ? word : ((word & 0xffff0000) | (word >>> 16)) >>> 0;
}

/** The token, as long as the groups are, zeros behind its end. */
export function drawToken(cols: number, width: Width, seed: number): Float32Array {
  const token = new Float32Array(groupsOf(cols, width) * columnsAGroup(width));
  for (let j = 0; j < cols; j++) token[j] = uniformDraw(seed, STREAM + 1, j) - 0.5;
  return token;
}

/** The value of one code, without its scale. */
export function codeAt({ width, groups, words }: Packed, row: number, col: number): number {
  const group = Math.floor(col / columnsAGroup(width));
  const [k, lane] = [(col >> 2) % codesAWord(width), col & 3];
  const word = words[(row * groups + group) * 4 + lane];
  if (width < 16) return ((word >>> (k * width)) & (2 ** width - 1)) - 2 ** (width - 1);
  bits.setUint32(0, width === 32 ? word : k === 0 ? word << 16 : word & 0xffff0000);
  return bits.getFloat32(0);
}

/** The product that kernels compute, in float64: what they are held to. */
export function multiplyPacked(packed: Packed, token: Float32Array): Float64Array {
  const { width, rows, groups, scales } = packed;
  const across = columnsAGroup(width);
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let g = 0; g < groups; g++) {
      let part = 0;
      for (let c = g * across; c < (g + 1) * across; c++) part += codeAt(packed, row, c) * token[c];
      sum += hasScales(width) ? part * scales[row * groups + g] : part;
    }
    return sum;
  });
}

/** Whether a kernel's product is that of the definition, as float32 can: within a share of the sum of magnitudes. */
export function agrees(packed: Packed, token: Float32Array, product: ArrayLike<number>): boolean {
  const wanted = multiplyPacked(packed, token);
  const size = Math.sqrt(wanted.reduce((a, b) => a + b * b, 0) / wanted.length);
  return wanted.every((value, row) => Math.abs(product[row] - value) <= 1e-3 * size);
}
