/** Codes narrower than a byte, put together as checkpoints hold them. */

/** 32-bit words that `count` codes of `bits` each take. */
export const wordsFor = (count: number, bits: number): number => Math.ceil((count * bits) / 32);

/**
 * Rows of codes as little-endian 32-bit words: codes follow each other from the lowest bit up, over word boundaries, and
 * each row begins a word. `flip` is exclusive-ored into every code; two's complement becomes an offset by its top bit.
 */
export function packWords(codes: ArrayLike<number>, cols: number, bits: number, flip = 0): Uint8Array<ArrayBuffer> {
  const rows = codes.length / cols;
  const perRow = wordsFor(cols, bits);
  const words = new Uint32Array(rows * perRow);
  const mask = 2 ** bits - 1;
  for (let row = 0, from = 0; row < rows; row++) {
    for (let col = 0, bit = 32 * row * perRow; col < cols; col++, bit += bits) {
      const code = (codes[from++] ^ flip) & mask;
      const word = Math.floor(bit / 32);
      const at = bit % 32;
      words[word] |= code << at;
      if (at + bits > 32) words[word + 1] |= code >>> (32 - at);
    }
  }
  return new Uint8Array(words.buffer);
}

/** The same down the columns of a rows x cols matrix: word r of a column holds what its rows share. */
export function packWordsDown(
  codes: ArrayLike<number>,
  rows: number,
  cols: number,
  bits: number,
): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(wordsFor(rows, bits) * cols);
  for (let row = 0, from = 0; row < rows; row++) {
    const word = Math.floor((row * bits) / 32) * cols;
    const at = (row * bits) % 32;
    for (let col = 0; col < cols; col++) {
      const code = codes[from++];
      words[word + col] |= code << at;
      if (at + bits > 32) words[word + cols + col] |= code >>> (32 - at);
    }
  }
  return new Uint8Array(words.buffer);
}

/** Two codes a byte, the first in the low nibble. Their number is even. */
export function packNibbles(codes: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(codes.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = codes[2 * i] | (codes[2 * i + 1] << 4);
  return bytes;
}

/** One code a byte. `flip` as in `packWords`. */
export function packBytes(codes: ArrayLike<number>, flip = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(codes.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = codes[i] ^ flip;
  return bytes;
}
