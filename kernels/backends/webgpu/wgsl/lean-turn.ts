import { LEAN_VALUES, pool } from "./lean-fields.ts";
import { anyOf, each, fours, joined } from "./lean-text.ts";
import { rotateFloatsWgsl } from "./rotate.ts";

/**
 * Hadamard rotations of blocks that a few threads of the lean kernels hold between them, a power of two of values from
 * eight on: distances up to four within a thread, wider ones between threads. The order is that of
 * `steps/hadamard.ts`, and what `rotate.ts` says of the range holds here.
 */

/** Threads that hold a block together. */
export const turnThreads = (n: number): number => n / LEAN_VALUES;

/** A component at a time through the workgroup's memory. */
const throughMemory = (step: number) =>
  each(
    fours.flatMap((k) => ["x", "y", "z", "w"].map((c) => `v${k}.${c}`)),
    (name) => `workgroupBarrier();
    scratch(thread, 0u, bitcast<u32>(${name}));
    workgroupBarrier();
    ${name} = turn_sum(bitcast<f32>(bitcast<u32>(${name}) ^ sign), bitcast<f32>(atomicLoad(&pool[${pool.scratch}u + 3u * (thread ^ ${step}u)])));`,
  );

/** The thread whose number has the step's bit holds the lower of its pairs' results, and so takes its own from the other's. */
const between = (step: number, subgroup: number) => `{
    let sign = select(0u, SIGN, (thread & ${step}u) != 0u);
    ${
      step < subgroup
        ? each(
            fours,
            (k) => `let other${k} = subgroupShuffleXor(v${k}, ${step}u);
    v${k} = turn_sums(bitcast<vec4<f32>>(bitcast<vec4<u32>>(v${k}) ^ vec4<u32>(sign)), other${k});`,
          )
        : throughMemory(step)
    }
  }`;

/** Four at a time. */
export const turnFloatsWgsl = /* wgsl */ `
${rotateFloatsWgsl}
fn turn_sums(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(turn_sum(a.x, b.x), turn_sum(a.y, b.y), turn_sum(a.z, b.z), turn_sum(a.w, b.w));
}
fn turn_differences(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(turn_difference(a.x, b.x), turn_difference(a.y, b.y), turn_difference(a.z, b.z), turn_difference(a.w, b.w));
}
`;

export function turnWgsl(n: number, subgroup: number): string {
  const steps = Array.from({ length: Math.log2(turnThreads(n)) }, (_, k) => 2 ** k);
  return /* wgsl */ `
${turnFloatsWgsl}
// Distances of one and two.
fn turn_four(a: vec4<f32>) -> vec4<f32> {
  let sums = vec2<f32>(turn_sum(a.x, a.y), turn_sum(a.z, a.w));
  let differences = vec2<f32>(turn_difference(a.x, a.y), turn_difference(a.z, a.w));
  return vec4<f32>(turn_sum(sums.x, sums.y), turn_sum(differences.x, differences.y),
                   turn_difference(sums.x, sums.y), turn_difference(differences.x, differences.y));
}
fn turn_products(a: vec4<f32>, b: f32) -> vec4<f32> {
  return rounded(vec4<f32>(turn_product(a.x, b), turn_product(a.y, b), turn_product(a.z, b), turn_product(a.w, b)));
}

struct Turned { ${fours.map((k) => `v${k}: vec4<f32>`).join(", ")} }
fn turned(thread: u32, given: Turned) -> Turned {
  let a = turn_four(given.v0);
  let b = turn_four(given.v1);
  var v0 = turn_sums(a, b);
  var v1 = turn_differences(a, b);
  ${each(steps, (step) => between(step, subgroup))}
  return Turned(turn_products(v0, lean.turn_factor), turn_products(v1, lean.turn_factor));
}
fn flipped(a: vec4<f32>, flips: vec4<u32>) -> vec4<f32> { return bitcast<vec4<f32>>(bitcast<vec4<u32>>(a) ^ flips); }
fn signed_as(size: vec4<f32>, a: vec4<f32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(bitcast<vec4<u32>>(size) | (bitcast<vec4<u32>>(a) & vec4<u32>(SIGN)));
}`;
}

/** The signs of a thread's columns, as bits to flip. */
export const flipsOf = /* wgsl */ `
  let all_signs = lookup[lean.signs_at + (col >> 6u)][(col >> 5u) & 1u] >> (col & 31u);
  ${each(
    fours,
    (k) => `let flips${k} = (vec4<u32>(all_signs >> ${4 * k}u) << vec4<u32>(31u, 30u, 29u, 28u)) & vec4<u32>(SIGN);`,
  )}`;

/** Turns what a thread read of a row, unless the block holds NaN or Inf; also whether squares of what came in stay normal. */
export const turnRow = (n: number) => /* wgsl */ `
    ${each(fours, (k) => `let own_size${k} = bitcast<vec4<u32>>(own${k}) & vec4<u32>(MAGNITUDE);`)}
    let own_largest = most_within(${joined("own_size", "max")});
    let left_out = most_of(thread, own_largest, 1u, ${turnThreads(n)}u) >= INFINITY_BITS;
    var measurable = own_largest <= MOST_MODERATE;
    if (least_within(${joined("own_size", "min")}) < lean.least) {
      let one = vec4<u32>(1u);
      if (any(${anyOf((k) => `(own_size${k} - one < vec4<u32>(lean.least - 1u))`)})) { measurable = false; }
      // No list is so long: another kernel takes all.
      if (any(${anyOf((k) => `(own_size${k} - one < vec4<u32>(lean.turn_least - 1u))`)})) { atomicMax(&open[0], 1u << 30u); }
    }
    let there = turned(thread, Turned(${fours.map((k) => `flipped(own${k}, flips${k})`).join(", ")}));
    ${each(fours, (k) => `let x${k} = select(there.v${k}, own${k}, left_out);`)}`;
