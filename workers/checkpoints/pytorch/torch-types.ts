/** PyTorch's element types and the classes that name them in saved files. */
import { type Dtype, findDtype } from "../../tensors/decode.ts";

/** An element type by its name in `torch`: "float32". */
export class TorchDtype {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }

  /** How its elements are read; undefined for types that are no numbers here. */
  get dtype(): Dtype | undefined {
    return findDtype(readable[this.name] ?? "");
  }

  /** How the codes of a quantized type are read; undefined for other types. */
  get codes(): Dtype | undefined {
    return findDtype(codes[this.name] ?? "");
  }

  /** Why its elements cannot be read. */
  get refusal(): string {
    if (this.name.startsWith("complex"))
      return `holds complex numbers (torch.${this.name}), which no number format here quantizes`;
    if (/^qu?int/.test(this.name))
      return `is quantized by PyTorch itself (torch.${this.name}), which is not decoded. Save it with tensor.dequantize(), or its codes with tensor.int_repr()`;
    return `is of the type torch.${this.name}, which is not read here`;
  }
}

/** The class of a storage: the element type it has, or none (bytes). */
export class StorageType {
  readonly element: TorchDtype | null;
  constructor(element: TorchDtype | null) {
    this.element = element;
  }
}

const readable: Record<string, string> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  float8_e4m3fn: "F8_E4M3",
  float8_e5m2: "F8_E5M2",
  float8_e4m3fnuz: "F8_E4M3FNUZ",
  float8_e5m2fnuz: "F8_E5M2FNUZ",
  float8_e8m0fnu: "F8_E8M0",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint64: "U64",
  uint32: "U32",
  uint16: "U16",
  uint8: "U8",
  bool: "BOOL",
};

/** Codes of PyTorch's own quantized tensors, as the integers that they are. */
const codes: Record<string, string> = { qint8: "I8", quint8: "U8" };

/** Types that are named but not read, with the bytes of an element. */
const unreadable: Record<string, number> = {
  complex32: 4,
  complex64: 8,
  complex128: 16,
  quint8: 1,
  qint8: 1,
  qint32: 4,
  quint4x2: 1,
  quint2x4: 1,
  float4_e2m1fn_x2: 1,
  bits8: 1,
  bits16: 2,
  bits1x8: 1,
  bits2x4: 1,
  bits4x2: 1,
  // Shells for types below a byte, which PyTorch itself does not compute with.
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7].flatMap((bits) => [`int${bits}`, `uint${bits}`].map((name) => [name, 1])),
  ),
};

/** Other names of the same types. */
const synonyms: Record<string, string> = {
  double: "float64",
  float: "float32",
  half: "float16",
  long: "int64",
  int: "int32",
  short: "int16",
  chalf: "complex32",
  cfloat: "complex64",
  cdouble: "complex128",
};

/** The element type of that name in `torch`, or undefined. */
export function torchDtype(name: string): TorchDtype | undefined {
  const own = Object.hasOwn(synonyms, name) ? synonyms[name] : name;
  return Object.hasOwn(readable, own) || Object.hasOwn(unreadable, own) ? new TorchDtype(own) : undefined;
}

/** Bytes of an element. */
export function elementBytes(type: TorchDtype): number {
  return type.dtype ? type.dtype.bits / 8 : unreadable[type.name];
}

const storages: Record<string, string> = {
  DoubleStorage: "float64",
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
  ComplexFloatStorage: "complex64",
  ComplexDoubleStorage: "complex128",
  QUInt8Storage: "quint8",
  QInt8Storage: "qint8",
  QInt32Storage: "qint32",
  QUInt4x2Storage: "quint4x2",
  QUInt2x4Storage: "quint2x4",
};

/** The storage class of that name, or undefined. */
export function storageType(name: string): StorageType | undefined {
  if (name === "UntypedStorage") return new StorageType(null);
  return Object.hasOwn(storages, name) ? new StorageType(new TorchDtype(storages[name])) : undefined;
}
