import { copied, LEAN_COUNTS, LEAN_THREADS, type LeanText, pool } from "./lean-fields.ts";
import { each } from "./lean-text.ts";
import { MEASURE_WORDS } from "./terms.ts";

/** Bits of a counter's index. */
export const indexBits = (pairs: boolean) => (pairs ? 4 : 9);

/** Counting four codes, and adding what a workgroup counted to the totals. */
export const codesWgsl = ({ element, pairs }: LeanText) => {
  const bits = indexBits(pairs);
  const copies = pairs ? copied.pairs : copied.codes;
  const code =
    element === "table"
      ? "table[index].code & ~LEVEL_ODD"
      : element === "integer"
        ? "select(n, 0u - n, negative) & spec.code_mask"
        : "n + select(0u, select(spec.sign_code, spec.minus_zero, n == 0u), negative)";
  const count = (index: string) =>
    `atomicAdd(&pool[${pool.codes}u + (${index}) * ${copies}u + (thread & ${copies - 1}u)], 1u);`;
  return `
const SIGN_SHIFT = ${bits - 1}u;
fn count_codes(index: vec4<u32>, thread: u32) {
  ${
    pairs
      ? each(["index.x * 16u + index.y", "index.z * 16u + index.w"], count)
      : each(["index.x", "index.y", "index.z", "index.w"], count)
  }
}
fn add_code(index: u32, count: u32) {
  if (count == 0u) { return; }
  let n = index & ${(1 << (bits - 1)) - 1}u;
  let negative = (index >> SIGN_SHIFT) == 1u;
  atomicAdd(&counts[${LEAN_COUNTS}u + (${code})], count);
  if (${element === "table" ? "is_zero(table[index].value)" : "n == 0u"}) { atomicAdd(&counts[${MEASURE_WORDS + 1}u], count); }
}
fn add_codes(thread: u32) {
  ${
    pairs
      ? `let both = counted(${pool.codes}u + thread * ${copies}u, ${copies}u);
  if (both > 0u) {
    // As the first of two, and as the second.
    atomicAdd(&pool[${pool.once}u + thread / 16u], both);
    atomicAdd(&pool[${pool.once}u + thread % 16u], both);
  }
  workgroupBarrier();
  if (thread < 16u) { add_code(thread, atomicLoad(&pool[${pool.once}u + thread])); }`
      : `for (var index = thread; index < 512u; index += ${LEAN_THREADS}u) {
    add_code(index, counted(${pool.codes}u + index * ${copies}u, ${copies}u));
  }`
  }
}`;
};
