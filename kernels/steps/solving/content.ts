import type { SolverJob } from "../step.ts";

/** Words between two looks at whoever may cancel. */
const PACED = 2 ** 22;

/** 64 bits of what is in an array, in hex: the same for the same bits alone, short of a chance of one in 2^64 a pair. */
export async function contentKey(values: Float64Array, job: SolverJob): Promise<string> {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  let a = 0xdeadbeef ^ words.length;
  let b = 0x41c6ce57 ^ words.length;
  for (let from = 0; from < words.length; from += PACED) {
    await job.checkpoint(0, 1, "inputs");
    const to = Math.min(words.length, from + PACED);
    for (let i = from; i < to; i++) {
      const word = words[i];
      a = Math.imul(a ^ word, 2654435761);
      a ^= a >>> 15;
      b = Math.imul(b ^ word, 1597334677) + a;
      b ^= b >>> 13;
    }
  }
  return `${(a >>> 0).toString(16)}${(b >>> 0).toString(16)} ${values.length}`;
}
