/** float32 values as the bytes of the floats that checkpoints hold, each rounded once to nearest, ties to even. */

/** Element types that results can be written in, as safetensors spells them. */
export const floatDtypes = ["F32", "F16", "BF16"] as const;
export type FloatDtype = (typeof floatDtypes)[number];

export const floatBytes: Readonly<Record<FloatDtype, number>> = { F32: 4, F16: 2, BF16: 2 };

export interface EncodedFloats {
  /** Little-endian; a copy, so that it may be transferred. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Finite values beyond the type's range, which became infinite. */
  overflow: number;
}

export function encodeFloats(dtype: FloatDtype, values: Float32Array): EncodedFloats {
  if (dtype === "F32") {
    const copy = Float32Array.from(values);
    return { bytes: new Uint8Array(copy.buffer), overflow: 0 };
  }
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const codes = new Uint16Array(values.length);
  const overflow = dtype === "BF16" ? toBfloat16(bits, codes) : toHalf(bits, codes);
  return { bytes: new Uint8Array(codes.buffer), overflow };
}

const INFINITY = 0x7f800000;

/** The upper halves of float32 bits, rounded. NaNs keep their upper bits and stay NaNs. */
function toBfloat16(bits: Uint32Array, codes: Uint16Array): number {
  let overflow = 0;
  for (let i = 0; i < bits.length; i++) {
    const u = bits[i];
    const magnitude = u & 0x7fffffff;
    if (magnitude > INFINITY) {
      // A payload that was in the lower half alone would leave an infinity.
      codes[i] = (u >>> 16) | ((u & 0x7f0000) === 0 ? 0x40 : 0);
      continue;
    }
    const code = (u + 0x7fff + ((u >>> 16) & 1)) >>> 16;
    codes[i] = code;
    if ((code & 0x7fff) === 0x7f80 && magnitude < INFINITY) overflow++;
  }
  return overflow;
}

/** The least float32 magnitudes, as bits, that round to an infinite half, are normal halves, and are above zero. */
const HALF_BEYOND = 0x477ff000;
const HALF_NORMAL = 0x38800000;
const HALF_TINY = 0x33000000;

function toHalf(bits: Uint32Array, codes: Uint16Array): number {
  let overflow = 0;
  for (let i = 0; i < bits.length; i++) {
    const u = bits[i];
    const sign = (u >>> 16) & 0x8000;
    const magnitude = u & 0x7fffffff;
    if (magnitude > INFINITY) codes[i] = sign | 0x7e00;
    else if (magnitude >= HALF_BEYOND) {
      codes[i] = sign | 0x7c00;
      if (magnitude < INFINITY) overflow++;
    } else if (magnitude >= HALF_NORMAL) {
      // 112 is the difference of the biases, 127 - 15.
      codes[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
    } else if (magnitude > HALF_TINY) {
      const significand = (magnitude & 0x7fffff) | 0x800000;
      const shift = 126 - (magnitude >>> 23);
      const half = 1 << (shift - 1);
      codes[i] = sign | ((significand + half - 1 + ((significand >>> shift) & 1)) >>> shift);
    } else codes[i] = sign;
  }
  return overflow;
}
