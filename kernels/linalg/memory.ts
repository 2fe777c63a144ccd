/** A module's memory, handed out in pieces that come back in any order. */
const PAGE = 65536;
const MOST = 65536 * PAGE;
/** Pieces begin on cache lines. */
const ALIGN = 64;

interface Gap {
  at: number;
  bytes: number;
}

export class Memory {
  readonly #memory: WebAssembly.Memory;
  /** What is free, by address; neighbours are joined. */
  readonly #gaps: Gap[];

  constructor(memory: WebAssembly.Memory, heap: number) {
    this.#memory = memory;
    this.#gaps = [{ at: heap, bytes: memory.buffer.byteLength - heap }];
  }

  get buffer(): ArrayBuffer {
    return this.#memory.buffer as ArrayBuffer;
  }

  floats(at: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.buffer, at, length);
  }

  /** The address of that many bytes, with old contents. Throws RangeError where an engine gives no more. */
  take(bytes: number): number {
    const wanted = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
    let index = this.#gaps.findIndex((gap) => gap.bytes >= wanted);
    if (index < 0) index = this.#grow(wanted);
    const gap = this.#gaps[index];
    const { at } = gap;
    if (gap.bytes === wanted) this.#gaps.splice(index, 1);
    else {
      gap.at += wanted;
      gap.bytes -= wanted;
    }
    return at;
  }

  /** Takes back what `take` gave for that many bytes. */
  give(at: number, bytes: number): void {
    const size = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
    const found = this.#gaps.findIndex((gap) => gap.at > at);
    const index = found < 0 ? this.#gaps.length : found;
    this.#gaps.splice(index, 0, { at, bytes: size });
    for (const i of [index, index - 1]) {
      const [left, right] = [this.#gaps[i], this.#gaps[i + 1]];
      if (!left || !right || left.at + left.bytes !== right.at) continue;
      left.bytes += right.bytes;
      this.#gaps.splice(i + 1, 1);
    }
  }

  /** Makes the last gap large enough; returns its index. */
  #grow(bytes: number): number {
    const end = this.buffer.byteLength;
    let last = this.#gaps.at(-1);
    if (!last || last.at + last.bytes !== end) {
      last = { at: end, bytes: 0 };
      this.#gaps.push(last);
    }
    const missing = Math.ceil((bytes - last.bytes) / PAGE) * PAGE;
    if (end + missing > MOST) throw new RangeError("WebAssembly.Memory.grow(): a module's memory ends at 4 GB");
    this.#memory.grow(missing / PAGE);
    last.bytes += missing;
    return this.#gaps.length - 1;
  }
}
