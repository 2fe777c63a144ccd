/**
 * Holds one costly value, the one asked for last: enough for reading one thing piece by piece, and a bound on memory
 * however many things there are.
 */
export class Latest<T> {
  #key: unknown = null;
  #value: Promise<T> | null = null;

  /** The value for `key`, made if it is not the one held. A making that fails is not held. */
  get(key: unknown, make: () => Promise<T>): Promise<T> {
    if (this.#key === key && this.#value) return this.#value;
    const made = make();
    this.#key = key;
    this.#value = made;
    made.catch(() => {
      if (this.#value === made) this.#value = null;
    });
    return made;
  }
}
