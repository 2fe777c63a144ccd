/** Metadata values of a GGUF header: numbers, text and arrays, each after its type. */

import { formatBytes } from "../../bytes/format-bytes.ts";
import { UserError } from "../../errors/user-error.ts";
import type { GgufCursor } from "./cursor.ts";

export interface GgufValue {
  /** "uint32", "string", "array" ... */
  type: string;
  /** `null` for arrays and for text that is too long to be kept. */
  value: number | bigint | boolean | string | null;
  /** For people: the value, or what it is where it was not kept. */
  text: string;
}

/** Most elements of an array that are kept. Vocabularies have 100,000 and more, and nobody reads them here. */
const KEPT_ELEMENTS = 64;
/** Longest text, in bytes, that is kept: chat templates are some 10 kB long. */
const KEPT_TEXT = 2 ** 16;
/** Bytes that a number in an array is taken to be shown with. */
const SHOWN_NUMBER = 16;
/** Bytes kept of all values together: they go to the page. */
const KEPT_TOTAL = 2 ** 22;
/** Levels of arrays in arrays. ggml itself reads one; the format allows more, and a limit keeps the stack short. */
const MAX_DEPTH = 4;
/** Most arrays in one array: unlike strings and numbers each is waited for. */
const MAX_ARRAYS = 100_000;

const STRING = 8;
const ARRAY = 9;
/** Least bytes of an element: a string's length; an array's type and length. */
const STRING_BYTES = 8;
const ARRAY_BYTES = 12;

interface Scalar {
  name: string;
  bytes: number;
  read(cursor: GgufCursor): number | bigint | boolean;
}

const scalars: ReadonlyMap<number, Scalar> = new Map<number, Scalar>([
  [0, { name: "uint8", bytes: 1, read: (c) => c.uint8() }],
  [1, { name: "int8", bytes: 1, read: (c) => c.int8() }],
  [2, { name: "uint16", bytes: 2, read: (c) => c.uint16() }],
  [3, { name: "int16", bytes: 2, read: (c) => c.int16() }],
  [4, { name: "uint32", bytes: 4, read: (c) => c.uint32() }],
  [5, { name: "int32", bytes: 4, read: (c) => c.int32() }],
  [6, { name: "float32", bytes: 4, read: (c) => c.float32() }],
  [7, { name: "bool", bytes: 1, read: (c) => c.uint8() !== 0 }],
  [10, { name: "uint64", bytes: 8, read: (c) => c.uint64() }],
  [11, { name: "int64", bytes: 8, read: (c) => c.int64() }],
  [12, { name: "float64", bytes: 8, read: (c) => c.float64() }],
]);

/** Reads values one after the other. One reader a header: it counts what is kept. */
export class GgufValues {
  readonly #cursor: GgufCursor;
  #room = KEPT_TOTAL;

  constructor(cursor: GgufCursor) {
    this.#cursor = cursor;
  }

  /** The type and the value at the cursor. Rejects with UserError. */
  async read(): Promise<GgufValue> {
    await this.#cursor.need(4);
    const type = this.#cursor.uint32();
    if (type === ARRAY) return { type: "array", value: null, text: await this.#array(1, true) };
    if (type === STRING) return this.#string();
    const { name, bytes, read } = this.#scalar(type);
    await this.#cursor.need(bytes);
    const value = read(this.#cursor);
    return { type: name, value, text: show(name, value) };
  }

  #scalar(type: number): Scalar {
    const scalar = scalars.get(type);
    if (scalar) return scalar;
    const { file, what, at } = this.#cursor;
    throw new UserError(
      `${file.name}: ${what()} has the unknown type ${type} at byte ${at - 4}. The header is damaged.`,
    );
  }

  async #string(): Promise<GgufValue> {
    const cursor = this.#cursor;
    await cursor.need(STRING_BYTES);
    const length = cursor.count();
    if (length > KEPT_TEXT || length > this.#room) {
      cursor.skip(length);
      return { type: "string", value: null, text: `(text of ${formatBytes(length)})` };
    }
    await cursor.need(length);
    this.#room -= length;
    const value = cursor.text(length);
    return { type: "string", value, text: value };
  }

  /** Reads or skips an array at `depth`. The result is what to show of it. */
  async #array(depth: number, keep: boolean): Promise<string> {
    const cursor = this.#cursor;
    await cursor.need(ARRAY_BYTES);
    const type = cursor.uint32();
    const count = cursor.count();
    const kept = keep && count <= KEPT_ELEMENTS && this.#room > 0;
    if (kept) this.#room -= SHOWN_NUMBER * count;
    const texts: string[] = [];
    let name: string;
    if (type === STRING) {
      name = "string";
      cursor.checkRoom(STRING_BYTES * count);
      if (kept) for (let i = 0; i < count; i++) texts.push((await this.#string()).text);
      else await this.#skipStrings(count);
    } else if (type === ARRAY) {
      name = "array";
      if (depth === MAX_DEPTH) {
        throw new UserError(
          `${cursor.file.name}: ${cursor.what()} nests arrays deeper than ${MAX_DEPTH} levels at byte ${cursor.at}.`,
        );
      }
      cursor.checkRoom(ARRAY_BYTES * count);
      if (count > MAX_ARRAYS) {
        throw new UserError(
          `${cursor.file.name}: ${cursor.what()} is an array of ${count} arrays; the limit is ${MAX_ARRAYS}.`,
        );
      }
      for (let i = 0; i < count; i++) {
        const text = await this.#array(depth + 1, kept);
        if (kept) texts.push(text);
      }
    } else {
      const scalar = this.#scalar(type);
      name = scalar.name;
      const length = count * scalar.bytes;
      if (kept) {
        await cursor.need(length);
        for (let i = 0; i < count; i++) texts.push(show(name, scalar.read(cursor)));
      } else cursor.skip(length);
    }
    return kept ? `[${texts.join(", ")}]` : `(${count} x ${name})`;
  }

  /** Only the lengths are looked at, most of them without leaving the window. */
  async #skipStrings(count: number): Promise<void> {
    const cursor = this.#cursor;
    for (let i = 0; i < count; i++) {
      if (!cursor.has(STRING_BYTES)) await cursor.need(STRING_BYTES);
      cursor.skip(cursor.count());
    }
  }
}

function show(type: string, value: number | bigint | boolean): string {
  return type === "float32" ? shortest(value as number) : String(value);
}

/** The shortest decimal that is this float32: 0.1, not 0.10000000149011612. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}
