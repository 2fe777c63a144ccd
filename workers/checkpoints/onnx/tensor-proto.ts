/** One TensorProto: what it says of itself, and where its numbers are. */

import type { MatrixView } from "../../../kernels/report/report.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";
import { bytesOf, type Dtype, findDtype } from "../../tensors/decode.ts";
import { countElements } from "../../tensors/shape.ts";
import { brokenTensor, storedTensor, type Tensor } from "../../tensors/tensor.ts";
import type { FindCompanion } from "../companions.ts";
import { MAX_DIMENSIONS, MAX_EXTERNAL_ENTRIES, MAX_PIECES } from "../limits.ts";
import { DOUBLE_DATA, elementType, FLOAT_DATA, INT32_DATA, INT64_DATA, UINT64_DATA } from "./element-types.ts";
import { type Bytes, typedBytes } from "./typed-source.ts";
import { BYTES, type Field, packedVarints, type Range, VARINT, type Wire } from "./wire.ts";

const DIMS = 1;
const DATA_TYPE = 2;
const SEGMENT = 3;
const NAME = 8;
const RAW_DATA = 9;
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;
const TYPED: readonly number[] = [FLOAT_DATA, INT32_DATA, INT64_DATA, DOUBLE_DATA, UINT64_DATA];

export interface TensorProto {
  name: string;
  /** As in the file; NaN for a size that is negative or cannot be counted. */
  shape: number[];
  type: number;
  raw: Range | null;
  /** Pieces of numbers by their field. */
  typed: Map<number, Range[]>;
  /** Where the numbers are in another file: `location`, `offset`, `length`. `null` for numbers that are in this one. */
  external: Map<string, string> | null;
  segmented: boolean;
}

export async function readTensorProto(wire: Wire, range: Range, what: () => string): Promise<TensorProto> {
  const proto: TensorProto = {
    name: "",
    shape: [],
    type: 0,
    raw: null,
    typed: new Map(),
    external: null,
    segmented: false,
  };
  const entries = new Map<string, string>();
  let isExternal = false;
  const tooMany = (parts: string, limit: number) =>
    new UserError(`${wire.file.name}: ${what()} has more than ${limit} ${parts}, the limit.`);

  const dims = async (field: Field) => {
    const sizes = field.wire === VARINT ? [field.value] : packedSizes(await wire.bytes(field));
    for (const size of sizes) proto.shape.push(Number.isSafeInteger(size) && size >= 0 ? size : Number.NaN);
    if (proto.shape.length > MAX_DIMENSIONS) throw tooMany("dimensions", MAX_DIMENSIONS);
  };
  const piece = ({ number, begin, end }: Field) => {
    const pieces = proto.typed.get(number) ?? [];
    if (pieces.length === MAX_PIECES) throw tooMany("pieces of numbers", MAX_PIECES);
    pieces.push({ begin, end });
    proto.typed.set(number, pieces);
  };
  await wire.fields(range, what, (field) => {
    const { number } = field;
    if (number === DIMS) {
      if (field.wire === BYTES && field.end - field.begin > 10 * MAX_DIMENSIONS)
        throw tooMany("dimensions", MAX_DIMENSIONS);
      return dims(field);
    }
    if (number === DATA_TYPE) proto.type = field.value;
    else if (number === SEGMENT) proto.segmented = true;
    else if (number === NAME)
      return wire.text(field, what).then((text) => {
        proto.name = text;
      });
    else if (number === RAW_DATA) proto.raw = { begin: field.begin, end: field.end };
    else if (TYPED.includes(number)) piece(field);
    else if (number === DATA_LOCATION) isExternal = field.value === 1;
    else if (number === EXTERNAL_DATA) {
      if (entries.size === MAX_EXTERNAL_ENTRIES) throw tooMany("entries about external data", MAX_EXTERNAL_ENTRIES);
      return readEntry(wire, field, what).then(([key, value]) => void entries.set(key, value));
    }
    return undefined;
  });
  if (isExternal) proto.external = entries;
  return proto;
}

/** Packed dimensions; one that is cut off counts as none that can be counted. */
export function packedSizes(bytes: Uint8Array): number[] {
  try {
    return [...packedVarints(bytes)].map(Number);
  } catch {
    return [Number.NaN];
  }
}

/** StringStringEntryProto: key 1, value 2. A value too long for a path or number is only described. */
export async function readEntry(wire: Wire, range: Range, what: () => string): Promise<[string, string]> {
  const parts = ["", ""];
  await wire.fields(range, what, (field) => {
    if (field.number !== 1 && field.number !== 2) return undefined;
    return wire.shownText(field).then((text) => {
      parts[field.number - 1] = text;
    });
  });
  return [parts[0], parts[1]];
}

/** A tensor by the name it is listed under, which may differ from its own. */
export interface NamedProto {
  proto: TensorProto;
  name: string;
  view: MatrixView;
}

/** Elements a tensor has, NaN where its shape is not one. */
export function elementsOf({ shape }: TensorProto): number {
  return countElements(shape);
}

/** The tensor, to be read by range. What is wrong with it is its `problem`. */
export async function protoTensor(
  file: ByteSource,
  { proto, name, view }: NamedProto,
  find: FindCompanion,
): Promise<Tensor> {
  const type = elementType(proto.type);
  const dtype = findDtype(type?.dtype ?? "");
  const elements = elementsOf(proto);
  const { shape } = proto;
  const info = { name, dtype: dtype?.name ?? type?.name ?? String(proto.type), shape, elements, view };
  const bad = (what: string) =>
    brokenTensor(
      Number.isSafeInteger(elements) ? info : { ...info, shape: [], elements: 0, view: { split: 0, transpose: false } },
      `${file.name}: tensor "${name}" ${what}.`,
    );
  if (!Number.isSafeInteger(elements)) return bad("has a shape that cannot be counted");
  if (!type) return bad(`is of the element type ${proto.type}, which is not known here`);
  if (!dtype) return bad(type.refusal ?? "cannot be decoded");
  if (proto.segmented) return bad("is one segment of a tensor, which is not read");
  try {
    const bytes = await locate(file, proto, name, dtype, type.typedField, find);
    return storedTensor(info, { ...bytes, dtype, littleEndian: true });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return brokenTensor(info, error.message);
  }
}

async function locate(
  file: ByteSource,
  proto: TensorProto,
  name: string,
  dtype: Dtype,
  field: number,
  find: FindCompanion,
): Promise<Bytes> {
  const what = `${file.name}: tensor "${name}"`;
  const elements = elementsOf(proto);
  const needed = bytesOf(dtype, elements);
  if (proto.external) return external(file, what, proto.external, needed, find);
  if (proto.raw) {
    const has = proto.raw.end - proto.raw.begin;
    if (has === needed) return { source: file, begin: proto.raw.begin };
    throw new UserError(`${what} of shape [${proto.shape.join(", ")}] takes ${needed} bytes, but has ${has}.`);
  }
  const width = Math.max(1, dtype.bits / 8);
  return typedBytes(file, what, { field, pieces: proto.typed.get(field) ?? [] }, width, needed / width);
}

/** Numbers in a file of their own, at `offset` of `location`. */
async function external(
  file: ByteSource,
  what: string,
  entries: ReadonlyMap<string, string>,
  needed: number,
  find: FindCompanion,
): Promise<Bytes> {
  const location = entries.get("location");
  if (location === undefined) throw new UserError(`${what} is in another file, but is not said in which.`);
  const source = await find(location);
  if (!source) {
    throw new UserError(
      `${what} is in ${JSON.stringify(location)}, which is not among the files given. Open it together with ${file.name}.`,
    );
  }
  const begin = offsetOf(what, "offset", entries.get("offset") ?? "0");
  const length = offsetOf(what, "length", entries.get("length") ?? String(needed));
  if (length !== needed)
    throw new UserError(`${what} takes ${needed} bytes, but ${length} of ${source.name} are given for it.`);
  if (begin + needed > source.size) {
    throw new UserError(
      `${what} should take bytes ${begin} to ${begin + needed} of ${source.name}, but that ends at byte ${source.size}.`,
    );
  }
  return { source, begin };
}

function offsetOf(what: string, key: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new UserError(`${what} has the ${key} ${JSON.stringify(text.slice(0, 40))}, which is not a number of bytes.`);
}
