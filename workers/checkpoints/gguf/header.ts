/**
 * The header of a GGUF file, version 2 or 3: counts, metadata, and for each tensor its name, dimensions, type and place.
 * Layout: docs/gguf.md of https://github.com/ggml-org/ggml. Nothing in it is believed before it is checked against the file's size,
 * the type's blocks and the other tensors.
 */
import { findGgmlType, type GgmlType, removedGgmlTypes } from "../../../kernels/ggml/index.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";
import { countElements } from "../../tensors/shape.ts";
import { MAX_TENSORS } from "../limits.ts";
import { gapNotes, markOverlaps, type Span } from "../spans.ts";
import { GgufCursor } from "./cursor.ts";
import { type GgufValue, GgufValues } from "./metadata.ts";

/** Most metadata keys. Models have about a hundred. */
export const MAX_KEYS = 10_000;
/** Longest key in bytes, as the format says. */
const MAX_KEY_BYTES = 65_535;
/** Longest tensor name in bytes. ggml takes 63; other programs write longer ones. */
export const MAX_NAME_BYTES = 1024;
/** Most dimensions. ggml has 4; the format leaves room for more. */
export const MAX_DIMENSIONS = 8;

/** Least bytes of a key with its value, and of a tensor's entry: what no count may exceed the file with. */
const KEY_BYTES = 8 + 4 + 1;
const ENTRY_BYTES = 8 + 4 + 4 + 8;
const DEFAULT_ALIGNMENT = 32;

/** Bytes are counted in the file, not in the data section; they are 0 to 0 where they are not known. */
export interface GgufEntry extends Span {
  /** `null` for a type that is not known. */
  type: GgmlType | null;
  /** The type's name, or its number. */
  dtype: string;
  /** Slowest dimension first, unlike in the file: [out, in]. */
  shape: number[];
}

export interface GgufHeader {
  littleEndian: boolean;
  metadata: Map<string, GgufValue>;
  /** Where each key with its value lies in the file, for whoever copies it. */
  places: Map<string, { begin: number; end: number }>;
  /** In the order of the header. A name may occur twice. */
  entries: GgufEntry[];
  /** What is wrong with the file but spoils no single tensor. */
  notes: string[];
}

/** Whether a file begins as GGUF files do: "GGUF", or "FUGG" as some big-endian ones. */
export function isGguf(head: Uint8Array): boolean {
  const magic = String.fromCharCode(...head.subarray(0, 4));
  return magic === "GGUF" || magic === "FUGG";
}

/** Reads and checks the header. UserError where nothing can be used; a bad tensor carries its `problem`. */
export async function readGgufHeader(file: ByteSource, signal?: AbortSignal): Promise<GgufHeader> {
  const cursor = new GgufCursor(file, signal);
  await readVersion(cursor);
  cursor.what = () => "its counts of tensors and metadata";
  await cursor.need(16);
  const tensorCount = cursor.count();
  const keyCount = cursor.count();
  checkCount(cursor, keyCount, "metadata keys", MAX_KEYS, KEY_BYTES);
  checkCount(cursor, tensorCount, "tensors", MAX_TENSORS, ENTRY_BYTES);
  const header: GgufHeader = {
    littleEndian: cursor.littleEndian,
    metadata: new Map(),
    places: new Map(),
    entries: [],
    notes: [],
  };
  await readMetadata(cursor, keyCount, header);
  const alignment = alignmentOf(file.name, header.metadata);

  const placed: RawEntry[] = [];
  for (let i = 1; i <= tensorCount; i++) {
    if (!cursor.has(LONGEST_ENTRY)) await cursor.fill(LONGEST_ENTRY);
    placed.push(readEntry(cursor, i, tensorCount));
  }
  const dataStart = Math.ceil(cursor.at / alignment) * alignment;
  header.entries = placed.map((raw) => place(file, raw, dataStart, alignment, cursor.littleEndian));
  markOverlaps(file.name, header.entries);
  header.notes.push(...gapNotes(file.name, header.entries, dataStart, file.size, alignment));
  return header;
}

/** The version's own bytes tell the byte order: a 2 or 3 read the wrong way round is a huge number. */
async function readVersion(cursor: GgufCursor): Promise<void> {
  await cursor.need(8);
  cursor.skip(4);
  const asLittle = cursor.uint32();
  cursor.at -= 4;
  cursor.littleEndian = (asLittle & 0xffff) !== 0;
  const version = cursor.uint32();
  if (version === 3 || (version === 2 && cursor.littleEndian)) return;
  const { name } = cursor.file;
  if (version === 1) {
    throw new UserError(`${name} is a GGUF file of version 1, from 2023; versions 2 and 3 are read. Convert it again.`);
  }
  if (version === 2) {
    throw new UserError(`${name} is a big-endian GGUF file of version 2; only version 3 has a big-endian form.`);
  }
  throw new UserError(`${name}: the GGUF version is ${version}; versions 2 and 3 are read. It is newer, or damaged.`);
}

function checkCount(cursor: GgufCursor, count: number, of: string, limit: number, least: number): void {
  const { file, at } = cursor;
  if (count * least > file.size - at) {
    throw new UserError(
      `${file.name}: the GGUF header announces ${count} ${of}, for which the ${file.size - at} bytes after it are too few. The file was cut off, or the number is wrong.`,
    );
  }
  if (count > limit) {
    throw new UserError(`${file.name}: the GGUF header announces ${count} ${of}; the limit is ${limit}.`);
  }
}

/** The length before a name or key, which `need` made readable. */
function readLength(cursor: GgufCursor, limit: number): number {
  const length = cursor.count();
  if (length <= limit) return length;
  throw new UserError(
    `${cursor.file.name}: ${cursor.what()} is ${length} bytes long at byte ${cursor.at}; the limit is ${limit}. The header is damaged.`,
  );
}

async function readMetadata(cursor: GgufCursor, count: number, header: GgufHeader): Promise<void> {
  const { metadata, places, notes } = header;
  const values = new GgufValues(cursor);
  for (let i = 1; i <= count; i++) {
    cursor.what = () => `metadata key ${i} of ${count}`;
    await cursor.need(8);
    const begin = cursor.at;
    const length = readLength(cursor, MAX_KEY_BYTES);
    await cursor.need(length);
    const key = cursor.text(length);
    cursor.what = () => `the metadata "${key.slice(0, 100)}"`;
    const value = await values.read();
    if (metadata.has(key))
      notes.push(`${cursor.file.name}: ${cursor.what()} is in the header twice; the last one counts.`);
    metadata.set(key, value);
    places.set(key, { begin, end: cursor.at });
  }
}

/** To how many bytes tensors are aligned. Throws UserError where it makes no sense: then no tensor's place is known. */
function alignmentOf(file: string, metadata: GgufHeader["metadata"]): number {
  const given = metadata.get("general.alignment");
  if (given === undefined) return DEFAULT_ALIGNMENT;
  const { type, value, text } = given;
  if (type === "uint32" && typeof value === "number" && value > 0 && Number.isInteger(Math.log2(value))) return value;
  throw new UserError(
    `${file}: general.alignment must be a power of two as uint32, not ${text} as ${type}. Without it no tensor can be found.`,
  );
}

/** Most bytes of a tensor's entry: name, dimensions, type and offset. */
const LONGEST_ENTRY = 8 + MAX_NAME_BYTES + 4 + 8 * MAX_DIMENSIONS + 4 + 8;

/** A tensor's entry as it stands in the header. */
interface RawEntry {
  name: string;
  dimensions: number[];
  type: number;
  /** From the start of the data section. */
  offset: number;
}

/** The entry at the cursor, which `fill` made readable. */
function readEntry(cursor: GgufCursor, number: number, total: number): RawEntry {
  cursor.what = () => `the name of tensor ${number} of ${total}`;
  cursor.checkRoom(8);
  const length = readLength(cursor, MAX_NAME_BYTES);
  cursor.checkRoom(length);
  const name = cursor.text(length);
  cursor.what = () => `tensor ${number} of ${total}, "${name.slice(0, 100)}"`;
  cursor.checkRoom(4);
  const count = cursor.uint32();
  if (count > MAX_DIMENSIONS) {
    throw new UserError(
      `${cursor.file.name}: ${cursor.what()}, has ${count} dimensions at byte ${cursor.at - 4}; the limit is ${MAX_DIMENSIONS}. The header is damaged.`,
    );
  }
  cursor.checkRoom(8 * count + 12);
  const dimensions: number[] = [];
  for (let i = 0; i < count; i++) dimensions.push(cursor.count());
  return { name, dimensions, type: cursor.uint32(), offset: cursor.count() };
}

/** Finds the tensor's bytes, or what is wrong with it. */
function place(
  file: ByteSource,
  { name, dimensions, type: id, offset }: RawEntry,
  dataStart: number,
  alignment: number,
  littleEndian: boolean,
): GgufEntry {
  const type = findGgmlType(id) ?? null;
  const removed = removedGgmlTypes.get(id);
  const known: GgufEntry = { name, type, dtype: type?.name ?? removed ?? String(id), shape: [], begin: 0, end: 0 };
  const bad = (what: string): GgufEntry => ({ ...known, problem: `${file.name}: tensor "${name}" ${what}.` });

  const tooLong = dimensions.find((size) => !Number.isSafeInteger(size));
  if (tooLong !== undefined) return bad(`has a dimension of ${tooLong}, more than can be counted`);
  known.shape = dimensions.toReversed();
  if (removed) return bad(`is of type ${removed}, which ggml no longer has. Convert the file again from its original`);
  if (!type) return bad(`is of the ggml type ${id}, which is not known here`);
  const elements = countElements(known.shape);
  const shape = `[${known.shape.join(", ")}]`;
  if (!Number.isSafeInteger(elements)) return bad(`has more elements than can be counted: shape ${shape}`);
  const row = dimensions[0] ?? 1;
  if (row % type.elements !== 0) {
    return bad(
      `of shape ${shape} has rows of ${row} elements, which are not whole blocks of ${type.elements} (${type.name})`,
    );
  }
  if (offset % alignment !== 0)
    return bad(`is at offset ${offset}, which is not a multiple of the alignment, ${alignment}`);
  const begin = dataStart + offset;
  const end = begin + (elements / type.elements) * type.bytes;
  if (end > file.size) {
    return bad(
      `should take bytes ${begin} to ${end}, but the file ends at byte ${file.size}. It was cut off, or its header is wrong`,
    );
  }
  known.begin = begin;
  known.end = end;
  if (!littleEndian && type.decode && !type.bigEndianHalves) {
    return bad(`is stored as ${type.name} in a big-endian file, and no big-endian form of that type is defined`);
  }
  return known;
}
