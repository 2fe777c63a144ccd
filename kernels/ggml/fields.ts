/** Powers of two that halves scale their mantissa with, by exponent field. */
const UNITS = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));

/** The value of IEEE half-precision bits. */
export function halfValue(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  let magnitude: number;
  if (exponent === 31) magnitude = mantissa === 0 ? Infinity : NaN;
  else magnitude = (exponent === 0 ? mantissa : 1024 + mantissa) * UNITS[exponent];
  return bits & 0x8000 ? -magnitude : magnitude;
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
