import type { AllocationControl } from "./types.ts";

const DIGIT = 11;
const VALUES = 2 ** DIGIT;

/**
 * The order in which non-negative numbers fall, equal ones as they stand: a radix sort of their bit patterns, which of numbers without a sign
 * rise as the numbers do. Each of its six passes is one piece of work.
 */
export async function sortDown(keys: Float64Array, control: AllocationControl): Promise<Uint32Array> {
  const n = keys.length;
  const words = new Uint32Array(2 * n);
  const [high, low] = new Uint32Array(new Float64Array([1]).buffer)[1] !== 0 ? [1, 0] : [0, 1];
  const pattern = new Float64Array(1);
  const halves = new Uint32Array(pattern.buffer);
  for (let i = 0; i < n; i++) {
    // A zero with a sign would come first of all.
    pattern[0] = keys[i] + 0;
    words[2 * i] = ~halves[low];
    words[2 * i + 1] = ~halves[high];
  }
  let order = Uint32Array.from({ length: n }, (_, i) => i);
  let next = new Uint32Array(n);
  const counts = new Uint32Array(VALUES + 1);
  for (const [pass, [word, shift]] of PASSES.entries()) {
    await control.checkpoint(pass, PASSES.length, "order of what is gained a bit");
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[((words[2 * i + word] >>> shift) & (VALUES - 1)) + 1]++;
    for (let d = 0; d < VALUES; d++) counts[d + 1] += counts[d];
    for (let i = 0; i < n; i++) {
      const index = order[i];
      next[counts[(words[2 * index + word] >>> shift) & (VALUES - 1)]++] = index;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** Word and shift of each digit, the least first. */
const PASSES = [0, 1].flatMap((word) => [0, DIGIT, 2 * DIGIT].map((shift) => [word, shift] as const));
