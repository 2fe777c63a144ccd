/**
 * The memory of a WebAssembly module, read and bounded before the module is compiled: what it declares is in its fifth section
 * (WebAssembly Core Specification 2.0, 5.5).
 */
import { RecipeError } from "../../grammar/errors.ts";

export const PAGE_BYTES = 2 ** 16;
const MEMORY_SECTION = 5;
const IMPORT_SECTION = 2;
const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** An unsigned LEB128 of 32 bits, and where it ends. */
function readNumber(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    if (at >= bytes.length) break;
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
  throw new RecipeError("the module is cut off or damaged");
}

function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; ) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
    if (rest === 0) return bytes;
  }
}

/**
 * The module's bytes with a memory that cannot grow beyond `mostPages`, whatever it declares. Throws RecipeError for what is no module,
 * imports anything, has no memory of its own or more than one, one of another kind than 32 bits and unshared, or begins with more.
 */
export function boundedModule(bytes: Uint8Array, mostPages: number): Uint8Array<ArrayBuffer> {
  if (!HEADER.every((byte, i) => bytes[i] === byte)) throw new RecipeError("this file is no WebAssembly module");
  for (let at = HEADER.length; at < bytes.length; ) {
    const id = bytes[at];
    const [size, content] = readNumber(bytes, at + 1);
    const end = content + size;
    if (end > bytes.length) throw new RecipeError("the module is cut off or damaged");
    if (id === IMPORT_SECTION && readNumber(bytes, content)[0] > 0) {
      throw new RecipeError("the module imports functions or memory: one that quantizes has all of its own");
    }
    if (id === MEMORY_SECTION) {
      const limits = boundedMemory(bytes.subarray(content, end), mostPages);
      const section = [id, ...numberBytes(limits.length), ...limits];
      const out = new Uint8Array(at + section.length + bytes.length - end);
      out.set(bytes.subarray(0, at));
      out.set(section, at);
      out.set(bytes.subarray(end), at + section.length);
      return out;
    }
    at = end;
  }
  throw new RecipeError("the module has no memory of its own, through which matrices go in and out");
}

function boundedMemory(section: Uint8Array, mostPages: number): number[] {
  const [count, begin] = readNumber(section, 0);
  if (count !== 1) throw new RecipeError(`the module has ${count} memories, and one is expected`);
  const flags = section[begin];
  if (flags > 1) throw new RecipeError("the module's memory is shared or of 64 bits: a plain one is expected");
  const [least, after] = readNumber(section, begin + 1);
  const most = flags === 1 ? readNumber(section, after)[0] : mostPages;
  if (least > mostPages) {
    throw new RecipeError(
      `the module begins with ${least} pages of memory, and ${mostPages} (${(mostPages * PAGE_BYTES) / 2 ** 20} MiB) are possible`,
    );
  }
  return [1, 1, ...numberBytes(least), ...numberBytes(Math.min(most, mostPages))];
}
