import type { Kernels } from "./instance.ts";

const PAGE = 65536;

/** Memory of an instance handed out front to back: what is kept lies before `mark`, the rest goes with each call. */
export class Heap {
  readonly #kernels: Kernels;
  #mark: number;
  #next: number;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
    this.#mark = this.#next = kernels.heapAddress();
  }

  get buffer(): ArrayBuffer {
    return this.#kernels.memory.buffer as ArrayBuffer;
  }

  /** Forgets everything, or everything after the mark. */
  reset(all: boolean): void {
    if (all) this.#mark = this.#kernels.heapAddress();
    this.#next = this.#mark;
  }

  /** Keeps what was handed out so far. */
  mark(): void {
    this.#mark = this.#next;
  }

  /** The address of `bytes` zero bytes, or of old contents where `clear` is false. Throws RangeError without memory. */
  take(bytes: number, clear = true): number {
    const at = this.#next;
    // Kernels read up to a vector beyond the end.
    this.#next = Math.ceil((at + bytes + 16) / 64) * 64;
    const missing = this.#next - this.buffer.byteLength;
    if (missing > 0) this.#kernels.memory.grow(Math.ceil(missing / PAGE));
    if (clear) new Uint8Array(this.buffer, at, bytes).fill(0);
    return at;
  }
}
