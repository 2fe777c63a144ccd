import type { Held } from "./held.ts";

/** Decoded tensors kept in memory, the least recently used given up first. */
export class TensorCache {
  /** Most bytes held. A single tensor larger than this is not to be asked for. */
  readonly budget: number;
  /** In the order of use, the latest last. */
  #entries = new Map<string, { held: Held; bytes: number }>();
  #total = 0;

  constructor(budget = 512 * 2 ** 20) {
    this.budget = budget;
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#total;
  }

  /** What is held under `key`, made by `make` if nothing is. `bytes` is what it takes. */
  get(key: string, bytes: number, make: () => Held): Held {
    const known = this.#entries.get(key);
    if (known) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.held;
    }
    for (const other of [...this.#entries.keys()]) {
      if (this.#total + bytes <= this.budget) break;
      this.#drop(other);
    }
    const held = make();
    this.#entries.set(key, { held, bytes });
    this.#total += bytes;
    return held;
  }

  /** Gives up everything whose key begins with `prefix`. */
  forget(prefix: string): void {
    for (const key of [...this.#entries.keys()]) if (key.startsWith(prefix)) this.#drop(key);
  }

  /** Gives up what takes more than `bytes` and is not to be kept. */
  forgetLarge(bytes: number, keep: (key: string) => boolean): void {
    for (const [key, entry] of [...this.#entries]) if (entry.bytes > bytes && !keep(key)) this.#drop(key);
  }

  #drop(key: string): void {
    this.#total -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
