/** A set that remembers the last `limit` keys that were touched. */
export class Recent {
  readonly #keys = new Set<string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  touch(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size > this.#limit) this.#keys.delete(this.#keys.values().next().value!);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  some(test: (key: string) => boolean): boolean {
    for (const key of this.#keys) if (test(key)) return true;
    return false;
  }

  clear(): void {
    this.#keys.clear();
  }
}
