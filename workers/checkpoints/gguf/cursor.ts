/** Reading a GGUF header from its beginning on, through a window that is filled by ranges as it moves. */

import type { ByteSource } from "../../bytes/byte-source.ts";
import { formatBytes } from "../../bytes/format-bytes.ts";
import { UserError } from "../../errors/user-error.ts";

/** Largest header. The largest vocabularies, with their merges, take some 30 MB; a header is read before anything is shown. */
export const MAX_HEADER_BYTES = 256_000_000;
/** First read: enough for most headers without a vocabulary, and little to fetch. */
const FIRST_WINDOW = 2 ** 16;
/** Largest read: bounds the memory that opening takes. */
const LAST_WINDOW = 2 ** 22;

export class GgufCursor {
  /** Byte in the file that is read next. */
  at = 0;
  littleEndian = true;
  /** What is being read, for the sentence that says where the file is cut off. Asked for only then. */
  what: () => string = () => "its first bytes";
  readonly file: ByteSource;
  readonly #signal: AbortSignal | undefined;
  #start = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #window = FIRST_WINDOW;

  constructor(file: ByteSource, signal?: AbortSignal) {
    this.file = file;
    this.#signal = signal;
  }

  /** Makes the next `count` bytes readable. Returns at once where they are already. Rejects with UserError past the end. */
  async need(count: number): Promise<void> {
    if (this.has(count)) return;
    this.checkRoom(count);
    await this.fill(count);
  }

  /** As `need`, but satisfied with what the file has left: what then fits `checkRoom` is readable. */
  async fill(count: number): Promise<void> {
    const windowEnd = this.#start + this.#view.byteLength;
    if (this.has(count) || (this.at <= windowEnd && windowEnd === this.file.size)) return;
    const end = Math.min(this.file.size, this.at + Math.max(count, this.#window));
    const bytes = await this.file.slice(this.at, end, this.#signal);
    this.#start = this.at;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#window = Math.min(4 * this.#window, LAST_WINDOW);
  }

  /** Whether the next `count` bytes are in the window, so that `need` would not have to be awaited. */
  has(count: number): boolean {
    return this.at + count <= this.#start + this.#view.byteLength;
  }

  /** Throws UserError unless the file, and the header's limit, have `count` more bytes. */
  checkRoom(count: number): void {
    const { name, size } = this.file;
    if (this.at + count > size) {
      throw new UserError(
        `${name}: the GGUF header needs ${formatBytes(count)} at byte ${this.at} for ${this.what()}, but the file ends at byte ${size}. It was cut off, or a length in its header is wrong.`,
      );
    }
    if (this.at + count > MAX_HEADER_BYTES) {
      throw new UserError(
        `${name}: the GGUF header is longer than ${formatBytes(MAX_HEADER_BYTES)}, the limit, with ${this.what()} at byte ${this.at}.`,
      );
    }
  }

  /** Moves on without reading; as `checkRoom`. */
  skip(count: number): void {
    this.checkRoom(count);
    this.at += count;
  }

  /** These read what `need` made readable. */
  uint8(): number {
    return this.#view.getUint8(this.#move(1));
  }
  int8(): number {
    return this.#view.getInt8(this.#move(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.#move(2), this.littleEndian);
  }
  int16(): number {
    return this.#view.getInt16(this.#move(2), this.littleEndian);
  }
  uint32(): number {
    return this.#view.getUint32(this.#move(4), this.littleEndian);
  }
  int32(): number {
    return this.#view.getInt32(this.#move(4), this.littleEndian);
  }
  float32(): number {
    return this.#view.getFloat32(this.#move(4), this.littleEndian);
  }
  float64(): number {
    return this.#view.getFloat64(this.#move(8), this.littleEndian);
  }
  uint64(): bigint {
    return this.#view.getBigUint64(this.#move(8), this.littleEndian);
  }
  int64(): bigint {
    return this.#view.getBigInt64(this.#move(8), this.littleEndian);
  }
  /** A 64-bit length or count as a number, which is exact up to 2^53 and only compared with limits above. */
  count(): number {
    const at = this.#move(8);
    const first = this.#view.getUint32(at, this.littleEndian);
    const second = this.#view.getUint32(at + 4, this.littleEndian);
    return this.littleEndian ? second * 2 ** 32 + first : first * 2 ** 32 + second;
  }
  /** `length` bytes as UTF-8; what is none shows as replacement characters. */
  text(length: number): string {
    const at = this.#move(length);
    return decoder.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length));
  }

  #move(count: number): number {
    const at = this.at - this.#start;
    this.at += count;
    return at;
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
