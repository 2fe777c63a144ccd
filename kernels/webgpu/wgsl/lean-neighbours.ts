import { ACROSS, pool } from "./lean-fields.ts";
import { each } from "./lean-text.ts";

const steps = Array.from({ length: Math.log2(ACROSS) }, (_, k) => 2 ** k);

/** Joins what neighbours hold, over a power of two of threads; all of them get the result. */
const overThreads = (name: string, type: string, join: string, words: string, back: string, subgroup: number) => `
fn ${name}(thread: u32, own: ${type}, threads: u32) -> ${type} {
  var joined = own;
  ${each(steps, (step) =>
    step < subgroup
      ? `if (threads > ${step}u) { let other = subgroupShuffleXor(joined, ${step}u); joined = ${join}; }`
      : `if (threads > ${step}u) {
    workgroupBarrier();
    ${words}
    workgroupBarrier();
    let first = ${pool.scratch}u + 3u * (thread ^ ${step}u);
    let other = ${back};
    joined = ${join};
  }`,
  )}
  return joined;
}`;

/** Largest words, and sums, over neighbours. */
export const neighboursWgsl = (subgroup: number) => `
fn scratch(thread: u32, k: u32, word: u32) { atomicStore(&pool[${pool.scratch}u + 3u * thread + k], word); }
${overThreads(
  "most_of",
  "u32",
  "max(joined, other)",
  "scratch(thread, 0u, joined);",
  "atomicLoad(&pool[first])",
  subgroup,
)}
// Errors and signals.
${overThreads(
  "sums_of",
  "vec2<f32>",
  "joined + other",
  "scratch(thread, 0u, bitcast<u32>(joined.x)); scratch(thread, 1u, bitcast<u32>(joined.y));",
  "vec2<f32>(bitcast<f32>(atomicLoad(&pool[first])), bitcast<f32>(atomicLoad(&pool[first + 1u])))",
  subgroup,
)}`;
