/** A map that keeps the entries used last: at most `limit` of them, and of no more than `budget` weight together. */
export class Lru<V> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;
  readonly #budget: number;
  readonly #weigh: (value: V) => number;

  constructor(limit: number, budget = Number.POSITIVE_INFINITY, weigh: (value: V) => number = () => 0) {
    this.#limit = limit;
    this.#budget = budget;
    this.#weigh = weigh;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  /** The newest entry is kept whatever it weighs. */
  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    let weight = 0;
    for (const held of this.#entries.values()) weight += this.#weigh(held);
    for (const [oldest, held] of this.#entries) {
      if (this.#entries.size === 1 || (this.#entries.size <= this.#limit && weight <= this.#budget)) return;
      this.#entries.delete(oldest);
      weight -= this.#weigh(held);
    }
  }

  /** Of all entries together. */
  get weight(): number {
    let sum = 0;
    for (const value of this.#entries.values()) sum += this.#weigh(value);
    return sum;
  }

  deleteWhere(test: (key: string, value: V) => boolean): void {
    for (const [key, value] of this.#entries) if (test(key, value)) this.#entries.delete(key);
  }
}
