/**
 * The form before GGUF, little-endian and without a magic number: the number of entries; of each the length of its name, the name, the
 * number of chunks, the number of sums and the sums as float32; then, where it was written, the number of chunks of all and the length
 * and path of the text. All numbers are int32. Sums are means over tokens times the entry's chunks.
 */
import type { ByteSource } from "../../bytes/byte-source.ts";
import { UserError } from "../../errors/user-error.ts";
import { checkSums, type Imatrix, type ImatrixEntry } from "./types.ts";

/** Most entries, and bytes of a name: models have a few thousand weights, and names of some 30 letters. */
const MAX_ENTRIES = 1_000_000;
const MAX_NAME_BYTES = 1024;
/** Bytes of an entry beside its name and its sums, at least one of each. */
const ENTRY_BYTES = 4 + 1 + 4 + 4 + 4;
const MAX_PATH_BYTES = 65_536;
/** Bytes read at a time: the sums of an entry are passed over. */
const WINDOW = 2 ** 16;

/** A file's bytes one after the other. */
class Reader {
  readonly file: ByteSource;
  readonly #signal: AbortSignal | undefined;
  at = 0;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;

  constructor(file: ByteSource, signal?: AbortSignal) {
    this.file = file;
    this.#signal = signal;
  }

  get left(): number {
    return this.file.size - this.at;
  }

  /** The next bytes. Throws UserError, saying of `what`, where the file ends before. */
  async bytes(count: number, what: () => string): Promise<Uint8Array> {
    const { file, at } = this;
    if (count > this.left) {
      throw new UserError(`${file.name}: ${what()} is cut off: the file ends ${this.left} bytes into its ${count}.`);
    }
    if (at < this.#start || at + count > this.#start + this.#window.length) {
      this.#start = at;
      this.#window = await file.slice(at, Math.min(file.size, at + Math.max(count, WINDOW)), this.#signal);
    }
    this.at += count;
    return this.#window.subarray(at - this.#start, at - this.#start + count);
  }

  async int32(what: () => string): Promise<number> {
    const bytes = await this.bytes(4, what);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true);
  }
}

/** Whether a file may be of this form: its first entry makes sense. Nothing else tells it. */
export async function looksLikeDat(file: ByteSource, signal?: AbortSignal): Promise<boolean> {
  if (file.size < 4 + ENTRY_BYTES) return false;
  const reader = new Reader(file, signal);
  const what = () => "";
  const entries = await reader.int32(what);
  const length = await reader.int32(what);
  if (entries < 1 || entries > MAX_ENTRIES || length < 1 || length > MAX_NAME_BYTES || length + 8 > reader.left)
    return false;
  const name = await reader.bytes(length, what);
  if (!name.every((byte) => byte > 0x20 && byte < 0x7f)) return false;
  const [chunks, sums] = [await reader.int32(what), await reader.int32(what)];
  return chunks >= 0 && sums >= 1 && 4 * sums <= reader.left;
}

/** Reads the directory. Rejects with UserError where it is not one, and with AbortError. */
export async function openDat(file: ByteSource, signal?: AbortSignal): Promise<Imatrix> {
  const reader = new Reader(file, signal);
  const count = await reader.int32(() => "the number of entries of an importance matrix");
  if (count < 1) throw new UserError(`${file.name}: the importance matrix has ${count} entries.`);
  if (count > MAX_ENTRIES || count * ENTRY_BYTES > reader.left) {
    throw new UserError(
      `${file.name}: the importance matrix announces ${count} entries, for which the ${reader.left} bytes after it are too few. The file was cut off, or is none.`,
    );
  }
  const entries = new Map<string, ImatrixEntry>();
  const notes: string[] = [];
  for (let i = 1; i <= count; i++) {
    const entry = await readEntry(reader, i, count, signal);
    if (entries.has(entry.name)) notes.push(`${file.name}: ${entry.name} is in the file twice; the last one counts.`);
    entries.set(entry.name, entry);
  }
  const tail = await readTail(reader);
  return { form: "dat", entries: [...entries.values()], chunkTokens: null, notes, ...tail };
}

async function readEntry(reader: Reader, number: number, count: number, signal?: AbortSignal): Promise<ImatrixEntry> {
  const { file } = reader;
  let what = () => `entry ${number} of ${count}`;
  const length = await reader.int32(what);
  if (length < 1 || length > MAX_NAME_BYTES) {
    throw new UserError(
      `${file.name}: the name of ${what()} is ${length} bytes long at byte ${reader.at - 4}; 1 to ${MAX_NAME_BYTES} are possible. The file is damaged.`,
    );
  }
  const name = new TextDecoder().decode(await reader.bytes(length, what));
  what = () => `${name}, entry ${number} of ${count},`;
  const chunks = await reader.int32(what);
  const sums = await reader.int32(what);
  if (chunks < 0) throw new UserError(`${file.name}: ${name} was computed on ${chunks} chunks.`);
  if (sums < 1) throw new UserError(`${file.name}: ${name} has ${sums} sums; it takes one a column.`);
  const begin = reader.at;
  if (4 * sums > reader.left) {
    throw new UserError(
      `${file.name}: ${name} should have ${sums} sums of 4 bytes from byte ${begin} on, and the file ends at byte ${file.size}. It was cut off, or the number is wrong.`,
    );
  }
  reader.at += 4 * sums;
  return {
    name,
    length: sums,
    async read(given) {
      const bytes = await file.slice(begin, begin + 4 * sums, given ?? signal);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const values = Float32Array.from({ length: sums }, (_, i) => view.getFloat32(4 * i, true));
      checkSums(file.name, name, values);
      return { sums: values, counts: Float64Array.of(chunks) };
    },
  };
}

/** What older files end without: the number of chunks and the text's path. What is cut off of it says nothing of the entries. */
async function readTail(reader: Reader): Promise<Pick<Imatrix, "chunks" | "datasets">> {
  if (reader.left < 4) return { chunks: null, datasets: [] };
  const what = () => "the end of the importance matrix";
  const chunks = await reader.int32(what);
  if (reader.left < 4) return { chunks, datasets: [] };
  const length = await reader.int32(what);
  if (length < 1 || length > Math.min(reader.left, MAX_PATH_BYTES)) return { chunks, datasets: [] };
  return { chunks, datasets: [new TextDecoder().decode(await reader.bytes(length, what))] };
}
