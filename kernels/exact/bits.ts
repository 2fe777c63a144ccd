/** Looking at floats as bits. One scratch word for the whole module: JavaScript threads do not share it. */
const f64 = new Float64Array(1);
const u64 = new Uint32Array(f64.buffer);
const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);
/** Word of a double that holds sign, exponent and the top 20 bits of the significand (0 on big-endian machines). */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** The 32 bits of the float32 nearest to x. */
export function floatBits(x: number): number {
  f32[0] = x;
  return u32[0];
}

export function floatFromBits(bits: number): number {
  u32[0] = bits;
  return f32[0];
}

/** High word of a double: 1 sign, 11 exponent, 20 significand bits. */
export function highWord(x: number): number {
  f64[0] = x;
  return u64[HIGH];
}

/** floor(log2 |x|) for any float32 x that is not zero (a subnormal float32 is a normal double). NaN and Inf give 1024. */
export function exponentOf(x: number): number {
  return ((highWord(x) >>> 20) & 0x7ff) - 1023;
}

/** n as `width` binary digits. */
export function binary(n: number, width: number): string {
  return (n >>> 0).toString(2).padStart(width, "0");
}
