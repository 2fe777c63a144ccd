/** ONNX's element types (TensorProto.DataType of onnx.proto3) and which of a tensor's fields holds them. */

/** Fields of TensorProto that hold numbers in their own encoding. */
export const FLOAT_DATA = 4;
export const INT32_DATA = 5;
export const INT64_DATA = 7;
export const DOUBLE_DATA = 10;
export const UINT64_DATA = 11;

export interface ElementType {
  name: string;
  /** The dtype that reads its bytes, or why there is none. */
  dtype?: string;
  refusal?: string;
  /** The field that holds its elements where they are not given as raw bytes. */
  typedField: number;
}

const COMPLEX = "holds complex numbers, which no number format here quantizes";

const types: Record<number, ElementType> = {
  1: { name: "float", dtype: "F32", typedField: FLOAT_DATA },
  2: { name: "uint8", dtype: "U8", typedField: INT32_DATA },
  3: { name: "int8", dtype: "I8", typedField: INT32_DATA },
  4: { name: "uint16", dtype: "U16", typedField: INT32_DATA },
  5: { name: "int16", dtype: "I16", typedField: INT32_DATA },
  6: { name: "int32", dtype: "I32", typedField: INT32_DATA },
  7: { name: "int64", dtype: "I64", typedField: INT64_DATA },
  8: { name: "string", refusal: "holds texts, not numbers", typedField: 6 },
  9: { name: "bool", dtype: "BOOL", typedField: INT32_DATA },
  10: { name: "float16", dtype: "F16", typedField: INT32_DATA },
  11: { name: "double", dtype: "F64", typedField: DOUBLE_DATA },
  12: { name: "uint32", dtype: "U32", typedField: UINT64_DATA },
  13: { name: "uint64", dtype: "U64", typedField: UINT64_DATA },
  14: { name: "complex64", refusal: COMPLEX, typedField: FLOAT_DATA },
  15: { name: "complex128", refusal: COMPLEX, typedField: DOUBLE_DATA },
  16: { name: "bfloat16", dtype: "BF16", typedField: INT32_DATA },
  17: { name: "float8e4m3fn", dtype: "F8_E4M3", typedField: INT32_DATA },
  18: { name: "float8e4m3fnuz", dtype: "F8_E4M3FNUZ", typedField: INT32_DATA },
  19: { name: "float8e5m2", dtype: "F8_E5M2", typedField: INT32_DATA },
  20: { name: "float8e5m2fnuz", dtype: "F8_E5M2FNUZ", typedField: INT32_DATA },
  21: { name: "uint4", dtype: "U4", typedField: INT32_DATA },
  22: { name: "int4", dtype: "I4", typedField: INT32_DATA },
  23: { name: "float4e2m1", dtype: "F4", typedField: INT32_DATA },
  24: { name: "float8e8m0", dtype: "F8_E8M0", typedField: INT32_DATA },
  25: { name: "uint2", dtype: "U2", typedField: INT32_DATA },
  26: { name: "int2", dtype: "I2", typedField: INT32_DATA },
};

/** The element type of that number, or undefined. */
export function elementType(number: number): ElementType | undefined {
  return Object.hasOwn(types, number) ? types[number] : undefined;
}
