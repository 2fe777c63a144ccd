/** Types below a byte as NumPy's arrays of ml_dtypes keep them: one a byte, in its low bits. */
import { codeTable } from "../../kernels/formats/index.ts";
import type { Dtype } from "./decode.ts";

function inBytes(name: string, width: number, describe: string, table: () => Float32Array): Dtype {
  const mask = 2 ** width - 1;
  return {
    ...{ name, bits: 8, describe: `${describe}, one a byte` },
    decode(bytes, _, out) {
      const values = table();
      for (let i = 0; i < out.length; i++) out[i] = values[bytes[i] & mask];
      return null;
    },
  };
}

const integer = (width: number, format: string): Dtype =>
  inBytes(
    `${format.startsWith("u") ? "U" : "I"}${width} in bytes`,
    width,
    `${format.startsWith("u") ? "unsigned " : ""}${width}-bit integer`,
    () => codeTable(format),
  );
const float = (name: string, width: number, format: string): Dtype =>
  inBytes(name, width, name, () => codeTable(format));

/** By the names of ml_dtypes. */
export const byteDtypes: Readonly<Record<string, Dtype>> = {
  int1: inBytes("I1 in bytes", 1, "1-bit integer", () => Float32Array.of(0, -1)),
  int2: integer(2, "int2"),
  int4: integer(4, "int4"),
  uint1: integer(1, "uint1"),
  uint2: integer(2, "uint2"),
  uint4: integer(4, "uint4"),
  float4_e2m1fn: float("F4 in bytes", 4, "e2m1"),
  float6_e2m3fn: float("F6_E2M3 in bytes", 6, "e2m3"),
  float6_e3m2fn: float("F6_E3M2 in bytes", 6, "e3m2"),
  float8_e3m4: float("F8_E3M4", 8, "e3m4ieee"),
  float8_e4m3: float("F8_E4M3_IEEE", 8, "e4m3ieee"),
};
