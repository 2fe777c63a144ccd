/** 53 bits of what is in an array, in hex: the same for the same bits alone, short of a chance of one in 2^53 a pair. */
export function contentKey(values: Float64Array): string {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  let a = 0xdeadbeef ^ words.length;
  let b = 0x41c6ce57 ^ words.length;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    a = Math.imul(a ^ word, 2654435761);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 1597334677) + a;
    b ^= b >>> 13;
  }
  return `${(a >>> 0).toString(16)}${(b >>> 0).toString(16)} ${values.length}`;
}
