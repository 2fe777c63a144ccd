/**
 * The header of a safetensors file: eight bytes with its length, then JSON that places every tensor in the bytes after
 * it. Nothing in it is believed before it is checked: against the file's size, the type's width and the other tensors.
 */

import type { ByteSource } from "../../bytes/byte-source.ts";
import { formatBytes } from "../../bytes/format-bytes.ts";
import { UserError } from "../../errors/user-error.ts";
import { bytesOf, findDtype } from "../../tensors/decode.ts";
import { countElements } from "../../tensors/shape.ts";
import { type Json, type ParsedJson, parseJson } from "../json.ts";
import { MAX_DIMENSIONS, MAX_TENSORS } from "../limits.ts";
import { firstNotes } from "../notes.ts";
import { gapNotes, markOverlaps, type Span } from "../spans.ts";

/** Longest header that is read; the format's own reader has the same limit. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Bytes are counted in the file, not in the data section; they are 0 to 0 where they are not known. */
export interface HeaderEntry extends Span {
  dtype: string;
  shape: number[];
}

export interface SafetensorsHeader {
  /** In the order of the header. */
  entries: HeaderEntry[];
  metadata: Record<string, string>;
  /** What is wrong with the file but spoils no single tensor. */
  notes: string[];
}

/** Reads and checks the header. UserError where nothing can be used; a bad tensor carries its `problem`. */
export async function readHeader(file: ByteSource, signal?: AbortSignal): Promise<SafetensorsHeader> {
  const length = await headerLength(file, signal);
  const dataStart = 8 + length;
  const { value, duplicates } = parseHeader(file.name, await file.slice(8, dataStart, signal));
  if (!(value instanceof Map)) throw new UserError(`${file.name}: the header is not a JSON object.`);

  if (value.size > MAX_TENSORS + 1) {
    throw new UserError(`${file.name}: the header lists ${value.size} tensors; the limit is ${MAX_TENSORS}.`);
  }

  const header: SafetensorsHeader = { entries: [], metadata: {}, notes: [] };
  for (const [name, entry] of value) {
    if (name === "__metadata__") header.metadata = readMetadata(file.name, entry, header.notes);
    else header.entries.push(readEntry(file, name, entry, dataStart));
  }
  const byName = new Map(header.entries.map((entry) => [entry.name, entry]));
  for (const [name, key] of duplicates) {
    if (name === "__metadata__") {
      const what = key === undefined ? "__metadata__ is" : `metadata "${key}" is`;
      header.notes.push(`${file.name}: ${what} in the header twice; the last one counts.`);
    }
    const entry = byName.get(name);
    if (!entry) continue;
    entry.problem = complaint(file.name, name, key === undefined ? "is in the header twice" : `has "${key}" twice`);
  }
  markOverlaps(file.name, header.entries);
  header.notes.push(...gapNotes(file.name, header.entries, dataStart, file.size));
  return header;
}

async function headerLength(file: ByteSource, signal?: AbortSignal): Promise<number> {
  if (file.size < 8) {
    throw new UserError(
      `${file.name}: a safetensors file begins with the 8-byte length of its header; this has ${file.size} bytes.`,
    );
  }
  const bytes = await file.slice(0, 8, signal);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new UserError(
      `${file.name}: the first 8 bytes say that the header is ${length} bytes long; the limit is ${formatBytes(MAX_HEADER_BYTES)}. The file is damaged or of another type.`,
    );
  }
  if (8 + Number(length) > file.size) {
    throw new UserError(
      `${file.name}: the header should end at byte ${8 + Number(length)}, but the file ends at byte ${file.size}. It was cut off, perhaps in a download.`,
    );
  }
  return Number(length);
}

function parseHeader(file: string, bytes: Uint8Array): ParsedJson {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UserError(`${file}: the header (bytes 8 to ${8 + bytes.length}) is not UTF-8 text.`);
  }
  try {
    return parseJson(text);
  } catch (error) {
    throw new UserError(`${file}: the header is not valid JSON: ${(error as Error).message}.`);
  }
}

function complaint(file: string, tensor: string, what: string): string {
  return `${file}: tensor "${tensor}" ${what}.`;
}

function readMetadata(file: string, entry: Json, notes: string[]): Record<string, string> {
  if (!(entry instanceof Map)) {
    notes.push(`${file}: __metadata__ is not an object and was left out.`);
    return {};
  }
  const pairs: [string, string][] = [];
  const others: string[] = [];
  for (const [key, value] of entry) {
    if (typeof value === "string") pairs.push([key, value]);
    else others.push(`${file}: metadata "${key}" is not text and was left out.`);
  }
  notes.push(...firstNotes(others, (n) => `${file}: ${n} more metadata are not text and were left out.`));
  return Object.fromEntries(pairs);
}

function readEntry(file: ByteSource, name: string, entry: Json, dataStart: number): HeaderEntry {
  const known: HeaderEntry = { name, dtype: "?", shape: [], begin: 0, end: 0 };
  const bad = (what: string): HeaderEntry => ({ ...known, problem: complaint(file.name, name, what) });
  if (!(entry instanceof Map)) return bad("is not described by an object");

  const dtypeName = entry.get("dtype");
  if (typeof dtypeName !== "string") return bad("has no dtype");
  known.dtype = dtypeName;
  const shape = entry.get("shape");
  if (!isSizes(shape)) return bad(`has a shape that is not a list of non-negative integers: ${show(shape)}`);
  if (shape.length > MAX_DIMENSIONS) return bad(`has ${shape.length} dimensions; the limit is ${MAX_DIMENSIONS}`);
  known.shape = shape;
  const offsets = entry.get("data_offsets");
  if (!isSizes(offsets) || offsets.length !== 2) {
    return bad(`has data_offsets that are not two non-negative integers: ${show(offsets)}`);
  }
  const [begin, end] = offsets;
  if (begin > end) return bad(`has data_offsets that run backwards: ${show(offsets)}`);
  const available = file.size - dataStart;
  if (end > available) {
    return bad(
      `should take bytes ${dataStart + begin} to ${dataStart + end}, but the file ends at byte ${file.size}. It was cut off, or its header is wrong`,
    );
  }
  known.begin = dataStart + begin;
  known.end = dataStart + end;

  if (dtypeName === "C64") return bad("holds complex numbers (C64), which no number format here quantizes");
  const dtype = findDtype(dtypeName);
  if (!dtype) return bad(`has the unknown dtype "${dtypeName}"`);
  const elements = countElements(shape);
  if (!Number.isSafeInteger(elements)) return bad(`has more elements than can be counted: shape ${show(shape)}`);
  if (((elements % 8) * dtype.bits) % 8 !== 0) {
    return bad(`has ${elements} elements of ${dtype.bits} bits, which do not fill whole bytes`);
  }
  const needed = bytesOf(dtype, elements);
  if (needed !== end - begin) {
    return bad(
      `of shape ${show(shape)} and dtype ${dtypeName} takes ${needed} bytes, but its data_offsets span ${end - begin}`,
    );
  }
  return known;
}

function isSizes(value: Json | undefined): value is number[] {
  return Array.isArray(value) && value.every((n) => typeof n === "number" && Number.isSafeInteger(n) && n >= 0);
}

function show(value: Json | undefined): string {
  if (value === undefined) return "missing";
  const text = value instanceof Map ? "{...}" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
