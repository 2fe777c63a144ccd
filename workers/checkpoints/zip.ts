/** Reading a zip archive by ranges: its directory (zip64 too), and each entry as a ByteSource of its own. */
import { Inflate } from "fflate";
import { type ByteSource, checkRange } from "../bytes/byte-source.ts";
import { formatBytes } from "../bytes/format-bytes.ts";
import type { Latest } from "../bytes/latest.ts";
import { UserError } from "../errors/user-error.ts";
import { MAX_DEFLATE_RATIO, MAX_ZIP_ENTRIES } from "./limits.ts";

export interface ZipEntry {
  name: string;
  /** 0 is stored, 8 deflated. */
  method: number;
  encrypted: boolean;
  compressedSize: number;
  size: number;
  /** First byte of the entry's local header. */
  headerStart: number;
}

/** Largest deflated entry that is opened; it has to be held in memory. Stored entries have no limit. */
const MAX_INFLATED = 2 ** 30;
/** A directory of as many entries as are read, with names of 200 characters. */
const MAX_DIRECTORY = 64 * 2 ** 20;
const END_LENGTH = 22;

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

/** The entries of an archive. Rejects with UserError where the directory at its end is missing or damaged. */
export async function readDirectory(file: ByteSource, signal?: AbortSignal): Promise<ZipEntry[]> {
  const damaged = (what: string) => new UserError(`${file.name}: ${what}. The zip archive was cut off or is damaged.`);
  const tailStart = Math.max(0, file.size - END_LENGTH - 65535);
  const tail = await file.slice(tailStart, file.size, signal);
  const tailView = new DataView(tail.buffer, tail.byteOffset, tail.length);
  let end = tail.length - END_LENGTH;
  while (end >= 0 && tailView.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw damaged("there is no zip directory at its end");
  let count = tailView.getUint16(end + 10, true);
  let length = tailView.getUint32(end + 12, true);
  let start = tailView.getUint32(end + 16, true);
  if (count === 0xffff || length === 0xffffffff || start === 0xffffffff) {
    const locator = end - 20;
    if (locator < 0 || tailView.getUint32(locator, true) !== 0x07064b50)
      throw damaged("its zip64 directory is missing");
    const at = Number(tailView.getBigUint64(locator + 8, true));
    if (at + 56 > file.size)
      throw damaged(`its zip64 directory should be at byte ${at}, but the file ends at byte ${file.size}`);
    const record = await file.slice(at, at + 56, signal);
    const view = new DataView(record.buffer, record.byteOffset);
    if (view.getUint32(0, true) !== 0x06064b50) throw damaged(`there is no zip64 directory at byte ${at}`);
    count = Number(view.getBigUint64(32, true));
    length = Number(view.getBigUint64(40, true));
    start = Number(view.getBigUint64(48, true));
  }
  if (start + length > file.size)
    throw damaged(`its directory should end at byte ${start + length}, but the file ends at byte ${file.size}`);
  if (length > MAX_DIRECTORY)
    throw new UserError(
      `${file.name}: a zip directory of ${formatBytes(length)} is over the limit of ${formatBytes(MAX_DIRECTORY)}.`,
    );
  if (count > MAX_ZIP_ENTRIES)
    throw new UserError(`${file.name}: a zip directory of ${count} entries is over the limit of ${MAX_ZIP_ENTRIES}.`);
  const directory = await file.slice(start, start + length, signal);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count; ) {
    const parsed = at + 46 <= directory.length ? parseEntry(directory, at) : null;
    if (!parsed) throw damaged(`its directory ends after ${entries.length} of ${count} entries`);
    entries.push(parsed.entry);
    at = parsed.next;
  }
  return entries;
}

function parseEntry(directory: Uint8Array, at: number): { entry: ZipEntry; next: number } | null {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.length);
  if (view.getUint32(at, true) !== 0x02014b50) return null;
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const extraStart = at + 46 + nameLength;
  const next = extraStart + extraLength + view.getUint16(at + 32, true);
  if (next > directory.length) return null;
  const entry: ZipEntry = {
    name: new TextDecoder().decode(directory.subarray(at + 46, extraStart)),
    method: view.getUint16(at + 10, true),
    encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
    compressedSize: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    headerStart: view.getUint32(at + 42, true),
  };
  // The zip64 field holds, in this order, only those of the three that do not fit 32 bits.
  for (let e = extraStart; e + 4 <= extraStart + extraLength; e += 4 + view.getUint16(e + 2, true)) {
    if (view.getUint16(e, true) !== 1) continue;
    let from = e + 4;
    for (const key of ["size", "compressedSize", "headerStart"] as const) {
      if (entry[key] !== 0xffffffff) continue;
      if (from + 8 > extraStart + extraLength) return null;
      entry[key] = Number(view.getBigUint64(from, true));
      from += 8;
    }
  }
  return { entry, next };
}

/**
 * An entry's content. Nothing is read before it is asked for: then the entry's own header, once, and of a stored entry the
 * range; a deflated one is inflated as a whole, and the one inflated last is held in `held`. Throws UserError for an
 * entry that cannot be read, and rejects with it where the archive proves damaged.
 */
export function openEntry(file: ByteSource, entry: ZipEntry, held: Latest<Uint8Array>): ByteSource {
  const name = `${file.name}/${entry.name}`;
  checkEntry(name, entry);
  let found: Promise<number> | null = null;
  /** First byte of the content. A failure is not kept: a connection may come back. */
  const start = (): Promise<number> => {
    found ??= contentStart(file, name, entry).catch((error) => {
      found = null;
      throw error;
    });
    return found;
  };
  const { size } = entry;
  return {
    name,
    size,
    async slice(from, to, signal) {
      checkRange(name, size, from, to);
      const begin = await start();
      if (entry.method === 0) return file.slice(begin + from, begin + to, signal);
      const end = begin + entry.compressedSize;
      const whole = await held.get(entry, () => inflate(file, name, begin, end, size, signal));
      return whole.slice(from, to);
    },
  };
}

/** Throws UserError for an entry that the directory shows to be unreadable. */
function checkEntry(name: string, { encrypted, method, size, compressedSize }: ZipEntry): void {
  if (encrypted) throw new UserError(`${name} is encrypted.`);
  if (method !== 0 && method !== 8)
    throw new UserError(`${name} is compressed by zip method ${method}; only stored and deflated entries are read.`);
  if (method === 0) {
    if (size === compressedSize) return;
    throw new UserError(`${name}: a stored entry of ${size} bytes takes ${compressedSize} in the zip directory.`);
  }
  if (size > MAX_INFLATED) {
    throw new UserError(
      `${name} is deflated and takes ${formatBytes(size)} when inflated; the limit is ${formatBytes(MAX_INFLATED)}. Save it without compression.`,
    );
  }
  if (size > MAX_DEFLATE_RATIO * compressedSize + 64) {
    throw new UserError(
      `${name}: ${compressedSize} deflated bytes cannot become ${size}, as the zip directory says. The archive is damaged or meant to do harm.`,
    );
  }
}

async function contentStart(file: ByteSource, name: string, entry: ZipEntry): Promise<number> {
  if (entry.headerStart + 30 > file.size) throw outside(name, entry.headerStart + 30, file.size);
  const header = await file.slice(entry.headerStart, entry.headerStart + 30);
  const view = new DataView(header.buffer, header.byteOffset);
  if (view.getUint32(0, true) !== 0x04034b50)
    throw new UserError(`${name}: there is no zip entry at byte ${entry.headerStart}, where the directory places it.`);
  const begin = entry.headerStart + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  const end = begin + entry.compressedSize;
  if (end > file.size) throw outside(name, end, file.size);
  return begin;
}

function outside(name: string, needed: number, size: number): UserError {
  return new UserError(
    `${name}: bytes up to ${needed} are needed, but the file ends at byte ${size}. The zip archive was cut off or is damaged.`,
  );
}

/** Inflates bytes [begin, end) of a file into exactly `size` bytes; memory is bounded by that, whatever the data say. */
async function inflate(file: ByteSource, name: string, begin: number, end: number, size: number, signal?: AbortSignal) {
  const out = new Uint8Array(size);
  let at = 0;
  let finished = false;
  const stream = new Inflate((chunk, final) => {
    if (at + chunk.length > size)
      throw new UserError(`${name} inflates to more than the ${size} bytes its zip directory gives.`);
    out.set(chunk, at);
    at += chunk.length;
    finished ||= final;
  });
  const step = 2 ** 18;
  for (let from = begin; from < end && !finished; from += step) {
    const to = Math.min(from + step, end);
    const bytes = await file.slice(from, to, signal);
    try {
      stream.push(bytes, to === end);
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(`${name}: the deflated data are damaged (${(error as Error).message}).`);
    }
  }
  if (at !== size) throw new UserError(`${name} inflates to ${at} bytes; its zip directory says ${size}.`);
  return out;
}
