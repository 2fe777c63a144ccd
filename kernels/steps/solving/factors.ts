import type { Dense } from "../../linalg/index.ts";

/** Bytes of factors that are kept for the recipes to come: three of 4096 columns. */
const KEPT_BYTES = 512 * 2 ** 20;

/**
 * Factors of Gram matrices, so that the recipes of a sweep that differ in the quantizer alone share them. Keyed by what the matrix
 * holds, behind all transforms, and by what was done to it; the oldest go first beyond the budget.
 */
export class Factors<T extends { factor: Dense }> {
  readonly #kept = new Map<string, T>();
  readonly #budget: number;
  /** How often a factor was at hand, and how often it was made. */
  readonly counts = { shared: 0, made: 0 };

  constructor(budget = KEPT_BYTES) {
    this.#budget = budget;
  }

  /** The factor of this key, made where it is not at hand. Of what failed or was cancelled nothing is kept. */
  async get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(key);
    if (known) {
      this.counts.shared++;
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    const made = await make();
    this.counts.made++;
    this.#kept.set(key, made);
    this.#trim();
    return made;
  }

  #trim(): void {
    let bytes = 0;
    for (const { factor } of this.#kept.values()) bytes += factor.values.byteLength;
    for (const [key, { factor }] of this.#kept) {
      if (bytes <= this.#budget) return;
      this.#kept.delete(key);
      bytes -= factor.values.byteLength;
    }
  }
}
