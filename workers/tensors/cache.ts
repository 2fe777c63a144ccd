/** Decoded tensors kept in memory, the least recently used given up first. */
export class TensorCache {
  /** Most bytes held. A single array larger than this is never held. */
  readonly budget: number;
  #held = new Map<string, Promise<Float32Array>>();
  #bytes = new Map<string, number>();
  #total = 0;

  constructor(budget = 512 * 2 ** 20) {
    this.budget = budget;
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#total;
  }

  /**
   * The array under `key`, made by `make` if it is not held. Callers that ask at the same time share one making; what
   * failed is forgotten, so that the next call tries again. `bytes` is what the array will take.
   */
  get(key: string, bytes: number, make: () => Promise<Float32Array>): Promise<Float32Array> {
    const known = this.#held.get(key);
    if (known) {
      this.#held.delete(key);
      this.#held.set(key, known);
      return known;
    }
    this.#evict(this.budget - bytes);
    const made = make().catch((error) => {
      if (this.#held.get(key) === made) this.#drop(key);
      throw error;
    });
    this.#held.set(key, made);
    this.#bytes.set(key, bytes);
    this.#total += bytes;
    return made;
  }

  /** Gives up every array whose key begins with `prefix`. */
  forget(prefix: string): void {
    for (const key of [...this.#held.keys()]) if (key.startsWith(prefix)) this.#drop(key);
  }

  #evict(target: number): void {
    for (const key of [...this.#held.keys()]) {
      if (this.#total <= target) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#total -= this.#bytes.get(key) ?? 0;
    this.#held.delete(key);
    this.#bytes.delete(key);
  }
}
