/** Budgets in bits a weight or GB, over the whole file: what is chosen for, what is left as it is, and the KV cache where it counts. */
import type { MixState } from "./state.ts";

/** What the file holds, and what is spent whatever is chosen. */
export interface WholeSize {
  /** Values of all tensors of the file. */
  elements: number;
  /** Bits of what nothing is chosen for: norms, biases, whatever was not scored. */
  fixedBits: number;
  /** Bits of the KV cache at the context that is asked for; 0 where it does not count. */
  cacheBits: number;
}

const GB = 8e9;

/** Bits of file and cache that a budget allows. Where the cache counts it does so in either unit, as on the command line. */
export function bitsOfBudget(budget: number, unit: MixState["unit"], { elements }: WholeSize): number {
  return unit === "gb" ? budget * GB : budget * elements;
}

/** The same in the unit of the axis. */
export function budgetOfBits(bits: number, unit: MixState["unit"], { elements }: WholeSize): number {
  return unit === "gb" ? bits / GB : bits / elements;
}

/** Bits of the usual budget: 4.5 a value of what is chosen for, but a fifth of the way from the least to the most at least. */
export function usualBits(chosenElements: number, { fixedBits, cacheBits }: WholeSize, least: number, most: number) {
  return Math.min(most, Math.max(least + (most - least) / 5, fixedBits + cacheBits + 4.5 * chosenElements));
}

/** `4.53 b`, `3.21 GB`; small models in MB. */
export function budgetWords(bits: number, unit: MixState["unit"], size: WholeSize): string {
  const value = budgetOfBits(bits, unit, size);
  if (unit === "b") return `${value.toFixed(3)} b`;
  return value >= 1 ? `${value.toFixed(3)} GB` : `${(1000 * value).toFixed(2)} MB`;
}
