/** Types below a byte as NumPy's arrays of ml_dtypes keep them: one a byte, in its low bits. */
import type { Dtype } from "./decode.ts";
import { decodeTable, type SmallFloat } from "./small-floats.ts";

function inBytes(name: string, width: number, describe: string, make: () => Float32Array): Dtype {
  let values: Float32Array | null = null;
  const mask = 2 ** width - 1;
  return {
    ...{ name, bits: 8, describe: `${describe}, one a byte` },
    decode(bytes, _, out) {
      values ??= make();
      for (let i = 0; i < out.length; i++) out[i] = values[bytes[i] & mask];
      return null;
    },
  };
}

const integer = (width: number, signed: boolean): Dtype => {
  const half = signed ? 2 ** (width - 1) : 2 ** width;
  const levels = () => Float32Array.from({ length: 2 ** width }, (_, code) => (code < half ? code : code - 2 * half));
  const name = `${signed ? "I" : "U"}${width} in bytes`;
  return inBytes(name, width, `${signed ? "" : "unsigned "}${width}-bit integer`, levels);
};

const float = (name: string, format: SmallFloat): Dtype =>
  inBytes(name, 1 + format.exponentBits + format.mantissaBits, name, () => decodeTable(format));

/** By the names of ml_dtypes. */
export const byteDtypes: Readonly<Record<string, Dtype>> = {
  int1: integer(1, true),
  int2: integer(2, true),
  int4: integer(4, true),
  uint1: integer(1, false),
  uint2: integer(2, false),
  uint4: integer(4, false),
  float4_e2m1fn: float("F4 in bytes", { exponentBits: 2, mantissaBits: 1, bias: 1, top: "none" }),
  float6_e2m3fn: float("F6_E2M3 in bytes", { exponentBits: 2, mantissaBits: 3, bias: 1, top: "none" }),
  float6_e3m2fn: float("F6_E3M2 in bytes", { exponentBits: 3, mantissaBits: 2, bias: 3, top: "none" }),
  float8_e3m4: float("F8_E3M4", { exponentBits: 3, mantissaBits: 4, bias: 3, top: "ieee" }),
  float8_e4m3: float("F8_E4M3_IEEE", { exponentBits: 4, mantissaBits: 3, bias: 7, top: "ieee" }),
};
