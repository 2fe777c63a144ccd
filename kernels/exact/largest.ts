import { floatBits, floatFromBits } from "./bits.ts";

/** The bits of Infinity: magnitudes below it are finite, and lie in the order of their bits. */
const INFINITE = 0x7f800000;

/** The largest finite magnitude of values, or what it was `so` far. Compares bits: signs at random would be guessed wrong half the time. */
export function largest(values: Float32Array, so: number): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let m = floatBits(so);
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i] & 0x7fffffff;
    if (magnitude > m && magnitude < INFINITE) m = magnitude;
  }
  return floatFromBits(m);
}
