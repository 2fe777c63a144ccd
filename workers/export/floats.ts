/** float32 values as the bytes of the floats that checkpoints hold, each rounded once to nearest, ties to even. */
import { halfBits } from "../../kernels/ggml/float.ts";

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
  const codes = new Uint16Array(values.length);
  const overflow = dtype === "BF16" ? toBfloat16(values, codes) : toHalf(values, codes);
  return { bytes: new Uint8Array(codes.buffer), overflow };
}

const INFINITY = 0x7f800000;

/** The upper halves of float32 bits, rounded. NaNs keep their upper bits and stay NaNs. */
function toBfloat16(values: Float32Array, codes: Uint16Array): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
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

function toHalf(values: Float32Array, codes: Uint16Array): number {
  let overflow = 0;
  for (let i = 0; i < values.length; i++) {
    const code = halfBits(values[i]);
    codes[i] = code;
    if ((code & 0x7fff) === 0x7c00 && Number.isFinite(values[i])) overflow++;
  }
  return overflow;
}
