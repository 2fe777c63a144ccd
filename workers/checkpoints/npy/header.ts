/**
 * The header of a .npy array: magic, version, a length, and a Python dict with `descr`, `fortran_order` and `shape`
 * (numpy.lib.format, versions 1 to 3).
 */
import { UserError } from "../../errors/user-error.ts";
import { byteDtypes } from "../../tensors/byte-dtypes.ts";
import { type Dtype, findDtype } from "../../tensors/decode.ts";
import { MAX_DIMENSIONS } from "../limits.ts";

export interface NpyHeader {
  dtype: Dtype;
  littleEndian: boolean;
  fortranOrder: boolean;
  shape: number[];
  /** First byte of the data. */
  dataStart: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MAX_HEADER_BYTES = 1_000_000;

export function isNpy(head: Uint8Array): boolean {
  return MAGIC.every((byte, i) => head[i] === byte);
}

/** Reads through `slice`, which must answer as a ByteSource's does. `name` is the file's name, for errors. */
export async function readNpyHeader(
  name: string,
  size: number,
  slice: (begin: number, end: number) => Promise<Uint8Array>,
): Promise<NpyHeader> {
  const cut = () => new UserError(`${name}: the .npy header is cut off; the file ends at byte ${size}.`);
  if (size < 12) throw cut();
  const start = await slice(0, 12);
  if (!isNpy(start)) throw new UserError(`${name} is not a .npy array: it does not begin with \\x93NUMPY.`);
  const version = start[6];
  if (version < 1 || version > 3)
    throw new UserError(`${name}: .npy version ${version}.${start[7]} is not known; 1 to 3 are.`);
  const view = new DataView(start.buffer, start.byteOffset);
  const headerStart = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES)
    throw new UserError(`${name}: the .npy header says it is ${length} bytes long; the limit is ${MAX_HEADER_BYTES}.`);
  if (headerStart + length > size) throw cut();
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(
    await slice(headerStart, headerStart + length),
  );
  return { ...parseDict(name, text), dataStart: headerStart + length };
}

/** numpy writes the dict in one fixed form; only its three known entries are looked for. */
function parseDict(name: string, text: string): Omit<NpyHeader, "dataStart"> {
  const bad = (what: string) =>
    new UserError(`${name}: the .npy header ${what}: ${JSON.stringify(text.trim().slice(0, 120))}.`);
  const structured = /['"]descr['"]\s*:\s*\[/.test(text);
  if (structured) throw new UserError(`${name} holds records of several fields, which are not one tensor.`);
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/.exec(text)?.[1];
  if (descr === undefined) throw bad("has no descr");
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  if (order === undefined) throw bad("has no fortran_order");
  const sizes = /['"]shape['"]\s*:\s*\(([\d\sL,]*)\)/.exec(text)?.[1];
  if (sizes === undefined) throw bad("has no shape of non-negative integers");
  const shape = sizes
    .split(",")
    .map((part) => part.trim().replace(/L$/, ""))
    .filter((part) => part !== "")
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) throw bad("has a shape that cannot be counted");
  if (shape.length > MAX_DIMENSIONS)
    throw bad(`has ${shape.length} dimensions, of which ${MAX_DIMENSIONS} are the limit`);
  return { ...npyDtype(name, descr), fortranOrder: order === "True", shape };
}

/** Kind and bytes of numpy's type strings. */
const simple: Record<string, string> = {
  b1: "BOOL",
  i1: "I8",
  i2: "I16",
  i4: "I32",
  i8: "I64",
  u1: "U8",
  u2: "U16",
  u4: "U32",
  u8: "U64",
  f2: "F16",
  f4: "F32",
  f8: "F64",
  // ml_dtypes registers one of its types of a byte as a kind of float: float8_e5m2.
  f1: "F8_E5M2",
};

/** Types of ml_dtypes, where the header names them instead of giving the void type they are saved as. */
const named: Record<string, string> = {
  bfloat16: "BF16",
  float8_e4m3fn: "F8_E4M3",
  float8_e5m2: "F8_E5M2",
  float8_e4m3fnuz: "F8_E4M3FNUZ",
  float8_e5m2fnuz: "F8_E5M2FNUZ",
  float8_e4m3b11fnuz: "F8_E4M3B11FNUZ",
  float8_e8m0fnu: "F8_E8M0",
};

/** The type of a `descr` such as "<f4". `name` is the file's. Throws UserError for what is no number type here. */
export function npyDtype(name: string, descr: string): { dtype: Dtype; littleEndian: boolean } {
  const order = /^[<>|=]/.test(descr) ? descr[0] : "";
  const type = descr.slice(order.length);
  const own = Object.hasOwn(byteDtypes, type) ? byteDtypes[type] : undefined;
  const dtype = own ?? findDtype(simple[type] ?? named[type] ?? "");
  if (dtype) return { dtype, littleEndian: order !== ">" };
  if (/^V\d+$/.test(type)) {
    throw new UserError(
      `${name} holds untyped elements of ${type.slice(1)} bytes (descr "${descr}"), as numpy saves bfloat16 and float8. Save it as float32, or open it as raw data with its dtype.`,
    );
  }
  if (/^c\d+$/.test(type))
    throw new UserError(`${name} holds complex numbers (descr "${descr}"), which no number format here quantizes.`);
  if (type === "O") throw new UserError(`${name} holds pickled Python objects, which are not read.`);
  throw new UserError(`${name} holds elements of the type "${descr}", which is not a number type that is read here.`);
}
