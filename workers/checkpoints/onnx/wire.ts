/**
 * Protobuf's wire format over byte ranges: the fields of a message one after the other, of which only what is asked for is
 * read. A field's content is given as its place in the file, so a tensor of gigabytes costs the few bytes before it.
 * Encoding: https://protobuf.dev/programming-guides/encoding/
 */

import type { ByteSource } from "../../bytes/byte-source.ts";
import { formatBytes } from "../../bytes/format-bytes.ts";
import { UserError } from "../../errors/user-error.ts";
import { MAX_TEXT_BYTES } from "../limits.ts";

/** Bytes [begin, end) of the file. */
export interface Range {
  begin: number;
  end: number;
}

export const VARINT = 0;
const FIXED64 = 1;
export const BYTES = 2;
const FIXED32 = 5;

export interface Field extends Range {
  number: number;
  wire: number;
  /** Of a varint; beyond 2^53 not exact. */
  value: number;
}

/** Longest key or length: a varint has 10 bytes at most. */
const LONGEST = 20;
/** A read at a new place; those that go on from there grow. */
const FIRST_WINDOW = 2 ** 16;
const LAST_WINDOW = 2 ** 22;

export class Wire {
  readonly file: ByteSource;
  readonly #signal: AbortSignal | undefined;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array();
  #window = FIRST_WINDOW;

  constructor(file: ByteSource, signal?: AbortSignal) {
    this.file = file;
    this.#signal = signal;
  }

  /**
   * Visits the fields of the message at `range`. `what` is the message, for errors. Rejects with UserError where it is
   * not in the wire format; a field that ends beyond its message is one of these.
   */
  async fields(range: Range, what: () => string, visit: (field: Field) => Promise<void> | undefined): Promise<void> {
    for (let at = range.begin; at < range.end; ) {
      if (!this.#has(at, Math.min(at + LONGEST, range.end))) await this.#fill(at, Math.min(at + LONGEST, range.end));
      const field = this.#field(at, range.end, what);
      const visited = visit(field);
      if (visited) await visited;
      at = field.end;
    }
  }

  /** Bytes of a range: the caller has checked that they are few, or wants them. */
  async bytes({ begin, end }: Range): Promise<Uint8Array> {
    if (!this.#has(begin, end)) {
      if (end - begin > FIRST_WINDOW) return this.file.slice(begin, end, this.#signal);
      await this.#fill(begin, end);
    }
    return this.#bytes.slice(begin - this.#start, end - this.#start);
  }

  /** A short text. Rejects with UserError for a long one. */
  async text(range: Range, what: () => string): Promise<string> {
    const length = range.end - range.begin;
    if (length > MAX_TEXT_BYTES)
      throw this.#damaged(
        `${what()} has a name of ${length} bytes at byte ${range.begin}; the limit is ${MAX_TEXT_BYTES}`,
      );
    return new TextDecoder().decode(await this.bytes(range));
  }

  /** A text that is only shown: of a long one, what it is. */
  async shownText(range: Range): Promise<string> {
    const length = range.end - range.begin;
    return length > MAX_TEXT_BYTES
      ? `(text of ${formatBytes(length)})`
      : new TextDecoder().decode(await this.bytes(range));
  }

  #field(at: number, end: number, what: () => string): Field {
    const key = this.#varint(at, end, what);
    const number = Math.floor(key.value / 8);
    const wire = key.value % 8;
    const begin = key.end;
    if (number < 1 || number >= 2 ** 29) throw this.#damaged(`${what()} has a field numbered ${number} at byte ${at}`);
    if (wire === VARINT) {
      const { value, end: after } = this.#varint(begin, end, what);
      return { number, wire, value, begin, end: after };
    }
    let content = { begin, end: begin };
    if (wire === FIXED64) content.end += 8;
    else if (wire === FIXED32) content.end += 4;
    else if (wire === BYTES) {
      const length = this.#varint(begin, end, what);
      content = { begin: length.end, end: length.end + length.value };
    } else throw this.#damaged(`${what()} has a field of the unknown wire type ${wire} at byte ${at}`);
    if (content.end > end) {
      throw this.#damaged(
        `${what()} has a field at byte ${at} that should end at byte ${content.end}, but ends itself at byte ${end}`,
      );
    }
    return { number, wire, value: 0, ...content };
  }

  #varint(at: number, end: number, what: () => string): { value: number; end: number } {
    let value = 0;
    for (let i = 0, scale = 1; i < 10; i++, scale *= 128) {
      if (at + i >= end) throw this.#damaged(`${what()} ends at byte ${end}, within a number`);
      const byte = this.#bytes[at + i - this.#start];
      value += (byte & 127) * scale;
      if (byte < 128) return { value, end: at + i + 1 };
    }
    throw this.#damaged(`${what()} has a number of more than 10 bytes at byte ${at}`);
  }

  #has(begin: number, end: number): boolean {
    return begin >= this.#start && end <= this.#start + this.#bytes.length;
  }

  async #fill(begin: number, end: number): Promise<void> {
    const goesOn = begin >= this.#start && begin <= this.#start + this.#bytes.length;
    this.#window = goesOn ? Math.min(2 * this.#window, LAST_WINDOW) : FIRST_WINDOW;
    const to = Math.min(this.file.size, Math.max(end, begin + this.#window));
    this.#bytes = await this.file.slice(begin, to, this.#signal);
    this.#start = begin;
  }

  #damaged(what: string): UserError {
    return new UserError(`${this.file.name}: ${what}. The file was cut off or is damaged.`);
  }
}

/** The varints packed in bytes, each as the low 64 bits of a two's complement. Throws RangeError where one is cut off. */
export function* packedVarints(bytes: Uint8Array): Generator<bigint> {
  for (let at = 0; at < bytes.length; ) {
    let low = 0;
    let scale = 1;
    // Almost all are short and need no BigInt until they are whole.
    for (; at < bytes.length && bytes[at] >= 128 && scale < 2 ** 42; scale *= 128) low += (bytes[at++] & 127) * scale;
    if (at === bytes.length) throw new RangeError("cut off");
    if (bytes[at] < 128) {
      yield BigInt(low + bytes[at++] * scale);
      continue;
    }
    let value = BigInt(low);
    for (let shift = BigInt(Math.log2(scale)); ; shift += 7n) {
      if (at === bytes.length || shift > 63n) throw new RangeError("cut off");
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    yield BigInt.asIntN(64, value);
  }
}
