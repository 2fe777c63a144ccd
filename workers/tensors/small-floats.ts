/** A binary float of at most 16 bits with a sign, as storage formats define them. */
export interface SmallFloat {
  exponentBits: number;
  mantissaBits: number;
  bias: number;
  /** What the top codes mean: all numbers; all-ones is NaN; IEEE's Inf and NaNs; NaN only at negative zero. */
  top: "none" | "nan" | "ieee" | "fnuz";
}

/** The value of every code, exact in float32. */
export function decodeTable({ exponentBits, mantissaBits, bias, top }: SmallFloat): Float32Array {
  const half = 2 ** (exponentBits + mantissaBits);
  const table = new Float32Array(2 * half);
  const topExponent = 2 ** exponentBits - 1;
  for (let magnitude = 0; magnitude < half; magnitude++) {
    const exponent = magnitude >> mantissaBits;
    const mantissa = magnitude & (2 ** mantissaBits - 1);
    let value =
      exponent === 0
        ? mantissa * 2 ** (1 - bias - mantissaBits)
        : (2 ** mantissaBits + mantissa) * 2 ** (exponent - bias - mantissaBits);
    if (top === "ieee" && exponent === topExponent) value = mantissa === 0 ? Infinity : NaN;
    if (top === "nan" && magnitude === half - 1) value = NaN;
    table[magnitude] = value;
    table[half + magnitude] = -value;
  }
  if (top === "fnuz") table[half] = NaN;
  return table;
}

/** OCP's scale type: code c is 2^(c - 127), 255 is NaN. No sign and no zero. */
export function e8m0Table(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, code) => (code === 255 ? NaN : 2 ** (code - 127)));
}
