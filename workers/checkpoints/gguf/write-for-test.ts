import { ggmlTypes } from "../../../kernels/ggml/index.ts";
import { utf8 } from "../bytes-for-test.ts";

/** A metadata value: its type's name, and for an array the type of its elements before their list. */
export type TestValue =
  | [type: "string", value: string]
  | [type: "array", of: string, values: readonly (number | string | bigint | TestValue)[]]
  | [type: string, value: number | bigint | boolean];

export type TestPair = readonly [key: string, ...value: TestValue];

export interface TestTensor {
  name: string;
  /** Fastest first, as in the file. */
  dims: readonly (number | bigint)[];
  /** A type's name, or any number. */
  type: string | number;
  bytes?: Uint8Array;
  /** Where the header says it is, if not where it is. */
  offset?: number | bigint;
}

export interface TestGguf {
  version?: number;
  littleEndian?: boolean;
  magic?: string;
  metadata?: readonly TestPair[];
  tensors?: readonly TestTensor[];
  /** What the header announces, if not what there is. */
  tensorCount?: number | bigint;
  keyCount?: number | bigint;
  alignment?: number;
}

const TYPE_IDS = [
  ...["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "bool", "string", "array"],
  ...["uint64", "int64", "float64"],
];

/** Writes fields one after the other, and remembers where each begins. */
class Writer {
  readonly bytes: number[] = [];
  readonly starts: number[] = [];
  readonly littleEndian: boolean;
  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian;
  }
  field(width: number, set: (view: DataView) => void): void {
    this.starts.push(this.bytes.length);
    const view = new DataView(new ArrayBuffer(width));
    set(view);
    this.bytes.push(...new Uint8Array(view.buffer));
  }
  uint32(value: number): void {
    this.field(4, (v) => v.setUint32(0, value, this.littleEndian));
  }
  uint64(value: number | bigint): void {
    this.field(8, (v) => v.setBigUint64(0, BigInt(value), this.littleEndian));
  }
  text(value: string): void {
    const bytes = utf8(value);
    this.uint64(bytes.length);
    this.starts.push(this.bytes.length);
    this.bytes.push(...bytes);
  }
  value(type: string, ...rest: unknown[]): void {
    const little = this.littleEndian;
    const number = Number(rest[0]);
    const setters: Record<string, () => void> = {
      uint8: () => this.field(1, (v) => v.setUint8(0, number)),
      int8: () => this.field(1, (v) => v.setInt8(0, number)),
      bool: () => this.field(1, (v) => v.setUint8(0, number)),
      uint16: () => this.field(2, (v) => v.setUint16(0, number, little)),
      int16: () => this.field(2, (v) => v.setInt16(0, number, little)),
      uint32: () => this.uint32(number),
      int32: () => this.field(4, (v) => v.setInt32(0, number, little)),
      float32: () => this.field(4, (v) => v.setFloat32(0, number, little)),
      float64: () => this.field(8, (v) => v.setFloat64(0, number, little)),
      uint64: () => this.uint64(rest[0] as bigint),
      int64: () => this.field(8, (v) => v.setBigInt64(0, BigInt(rest[0] as bigint), little)),
      string: () => this.text(rest[0] as string),
      array: () => {
        const [of, values] = rest as [string, unknown[]];
        this.uint32(TYPE_IDS.indexOf(of));
        this.uint64(values.length);
        for (const value of values) this.value(of, ...(of === "array" ? (value as unknown[]).slice(1) : [value]));
      },
    };
    setters[type]();
  }
}

/** For tests: a GGUF file, right or wrong, and the byte at which each field of its header begins. */
export function ggufWithStarts(file: TestGguf): { bytes: Uint8Array; starts: number[] } {
  const { version = 3, littleEndian = true, magic = "GGUF", metadata = [], tensors = [], alignment = 32 } = file;
  const writer = new Writer(littleEndian);
  writer.bytes.push(...utf8(magic));
  writer.uint32(version);
  writer.uint64(file.tensorCount ?? tensors.length);
  writer.uint64(file.keyCount ?? metadata.length);
  for (const [key, type, ...rest] of metadata) {
    writer.text(key);
    const id = TYPE_IDS.indexOf(type);
    writer.uint32(id < 0 ? Number(type) : id);
    if (id >= 0) writer.value(type, ...rest);
  }
  const data: number[] = [];
  const pad = (bytes: number[]) => {
    while (bytes.length % alignment !== 0) bytes.push(0);
  };
  for (const { name, dims, type, bytes = new Uint8Array(), offset } of tensors) {
    writer.text(name);
    writer.uint32(dims.length);
    for (const size of dims) writer.uint64(size);
    writer.uint32(typeof type === "number" ? type : ggmlTypes.find((t) => t.name === type)!.id);
    writer.uint64(offset ?? data.length);
    data.push(...bytes);
    pad(data);
  }
  if (tensors.length > 0) pad(writer.bytes);
  return { bytes: Uint8Array.from([...writer.bytes, ...data]), starts: writer.starts };
}

/** For tests: as `ggufWithStarts`, the bytes alone. */
export function writeGguf(file: TestGguf): Uint8Array {
  return ggufWithStarts(file).bytes;
}
