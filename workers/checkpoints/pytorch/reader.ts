/** The bytes of a pickle, read from the front: numbers, lengths and runs of bytes, never beyond the end. */

import { formatBytes } from "../../bytes/format-bytes.ts";
import { UserError } from "../../errors/user-error.ts";

/** Thrown where the bytes end before the pickle does: there may be more of them to read. */
export class PickleCut extends UserError {}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const latin1 = new TextDecoder("latin1");

export class PickleReader {
  /** The byte that is read next. */
  at: number;
  readonly #name: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** `name` is the file's, for errors. */
  constructor(name: string, bytes: Uint8Array, start: number) {
    this.#name = name;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = start;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }
  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  /** Big-endian, unlike all else. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A length of 4 or 8 bytes. Beyond 2^53 it is not exact, and longer than anything. */
  length(width: 4 | 8): number {
    const at = this.#take(width);
    const high = width === 8 ? this.#view.getUint32(at + 4, true) : 0;
    return high * 2 ** 32 + this.#view.getUint32(at, true);
  }

  /** The next `count` bytes, not copied. */
  span(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** The next `count` bytes as UTF-8. */
  text(count: number): string {
    return utf8.decode(this.span(count));
  }

  /** Up to the next line feed, without it. */
  line(): string {
    return utf8.decode(this.#line());
  }
  latin1Line(): string {
    return latin1.decode(this.#line());
  }

  #line(): Uint8Array {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0) this.#take(this.#bytes.length - this.at + 1);
    const line = this.span(end - this.at);
    this.at++;
    return line[line.length - 1] === 13 ? line.subarray(0, -1) : line;
  }

  /** Moves on by `count` bytes; the place of the first. Throws PickleCut. */
  #take(count: number): number {
    const at = this.at;
    if (at + count > this.#bytes.length) {
      throw new PickleCut(
        `${this.#name}: the pickle needs ${formatBytes(count)} at byte ${at}, but there are ${this.#bytes.length - at} left. It was cut off, or a length in it is wrong.`,
      );
    }
    this.at += count;
    return at;
  }
}
