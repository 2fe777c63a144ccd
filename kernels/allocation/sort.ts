import type { AllocationControl } from "./types.ts";

const DIGIT = 11;
const VALUES = 2 ** DIGIT;
/** Numbers moved between two looks at the control. */
const PIECE = 2 ** 19;

/**
 * The order in which non-negative numbers fall, equal ones as they stand: a radix sort of their bit patterns, which of numbers without a sign
 * rise as the numbers do.
 */
export async function sortDown(keys: Float64Array, control: AllocationControl): Promise<Uint32Array> {
  const n = keys.length;
  const words = new Uint32Array(2 * n);
  const [high, low] = new Uint32Array(new Float64Array([1]).buffer)[1] !== 0 ? [1, 0] : [0, 1];
  const pattern = new Float64Array(1);
  const halves = new Uint32Array(pattern.buffer);
  for (let i = 0; i < n; i++) {
    if (i % PIECE === 0) await control.checkpoint(i, n, "what is gained a bit");
    // A zero with a sign would come first of all.
    pattern[0] = keys[i] + 0;
    words[2 * i] = ~halves[low];
    words[2 * i + 1] = ~halves[high];
  }
  let order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let next = new Uint32Array(n);
  const counts = new Uint32Array(VALUES + 1);
  for (const [pass, [word, shift]] of PASSES.entries()) {
    const pace = () => control.checkpoint(pass, PASSES.length, "order of what is gained a bit");
    await pace();
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[((words[2 * i + word] >>> shift) & (VALUES - 1)) + 1]++;
    for (let d = 0; d < VALUES; d++) counts[d + 1] += counts[d];
    for (let i = 0; i < n; i++) {
      if (i % PIECE === 0) await pace();
      const index = order[i];
      next[counts[(words[2 * index + word] >>> shift) & (VALUES - 1)]++] = index;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** Word and shift of each digit, the least first. */
const PASSES = [0, 1].flatMap((word) => [0, DIGIT, 2 * DIGIT].map((shift) => [word, shift] as const));
