import { exactWgsl } from "./exact.ts";
import { struct } from "./spec.ts";

export const ROTATE_THREADS = 256;
/** Values that a workgroup holds at most. Software adapters compile a store for every one. */
export const HELD = 1024;
/** Words before the signs: rows of the Paley matrix, a bit a column, set where it is -1. */
export const MIX_WORDS = 20;

export const rotateFields = [
  // Values in all, whole rows of so many columns.
  ["count", "u32"],
  ["cols", "u32"],
  // Values of a rotation's block, and of one run of butterflies in it.
  ["block", "u32"],
  ["power", "u32"],
  // Values that a workgroup holds, and how: `span` neighbours at a time, from places `stride` apart; a span of 1 is all
  // neighbours. Butterflies go from the distance `span` up to half of `run`, counted among the values held.
  ["held", "u32"],
  ["span", "u32"],
  ["stride", "u32"],
  ["run", "u32"],
  // Order of the Paley matrix that follows here, or 0.
  ["mix", "u32"],
  // Whether blocks with NaN or Inf are found here; the range of magnitudes that floats are trusted with.
  ["finds", "u32"],
  ["least", "u32"],
  ["most", "u32"],
  // Whether signs are put on first or last, and the factor is.
  ["signs_in", "u32"],
  ["signs_out", "u32"],
  ["scales", "u32"],
  ["factor", "f32"],
] as const;

/**
 * The float operations, sums apart from products: the definition rounds every one to nearest, and a GPU is admitted that
 * was seen to. Products are stored before anything is added to them, so that none can be fused into a sum.
 *
 * Magnitudes are zero or in the range that the uniform names, a multiple of 2^-23 times the least each. So is every sum of
 * them, however rounded, and n times the most is the most that one can be: with a least of 2^-103 sqrt(n), no sum and no
 * product of one with 1/sqrt(n) lies below 2^-126, where a GPU may flush it, and none overflows. Workgroups that hold
 * smaller magnitudes do all on integers. Larger ones raise the flag, and the processor rotates instead.
 */
export const rotateFloatsWgsl = /* wgsl */ `
fn turn_sum(a: f32, b: f32) -> f32 { return a + b; }
fn turn_difference(a: f32, b: f32) -> f32 { return a - b; }
fn turn_product(a: f32, b: f32) -> f32 { return a * b; }
`;

/** fl32(a + b) of finite a and b, on integers. Needs `exact.ts`. */
export const exactSumWgsl = /* wgsl */ `
fn exact_sum(a: u32, b: u32) -> u32 {
  let size = distance_between(a, b ^ SIGN);
  if (size == 0u) { return a & b & SIGN; }
  return size | (select(b, a, (a & MAGNITUDE) >= (b & MAGNITUDE)) & SIGN);
}
`;

/** Butterflies of so many values held, on integers: from a distance up to half of `run`, one at a time and a result a step. */
export const exactButterfliesWgsl = (threads: number) => /* wgsl */ `
fn add_exactly(thread: u32, nearest: u32, run: u32, count: u32) {
  for (var h = nearest; h < run; h = 2u * h) {
    for (var k = thread; k < count / 2u; k += ${threads}u) {
      let beside = k & (h - 1u);
      let i = 2u * (k - beside) + beside;
      let a = held[i];
      let b = held[i + h];
      for (var j = 0u; j < 2u; j++) { held[i + j * h] = exact_sum(a, b ^ (j << 31u)); }
    }
    workgroupBarrier();
  }
}
`;

/** Operations on bits, with `exactly` on integers. */
const operationsWgsl = /* wgsl */ `
${exactSumWgsl}
fn sum(a: u32, b: u32) -> u32 {
  if (exactly) { return exact_sum(a, b); }
  return bitcast<u32>(turn_sum(bitcast<f32>(a), bitcast<f32>(b)));
}
fn scaled(a: u32) -> u32 {
  if (exactly) { return product(unpack(a), unpack(bitcast<u32>(turn.factor))); }
  return bitcast<u32>(turn_product(bitcast<f32>(a), turn.factor));
}
`;

/** One row of the Paley matrix times a column, from left to right; the first sum starts from zero. */
const mixWgsl = /* wgsl */ `
var<private> column: array<u32, 20>;
fn mixed(row: u32) -> u32 {
  let negative = words[row];
  let first = column[0] ^ ((negative & 1u) << 31u);
  // Zero plus -0 is +0.
  var all = select(first, 0u, is_zero(first));
  for (var j = 1u; j < turn.mix; j++) { all = sum(all, column[j] ^ (((negative >> j) & 1u) << 31u)); }
  return all;
}
`;

/**
 * Hadamard rotations in the order of `steps/hadamard.ts`. `apart` reads one buffer and writes another, and may find
 * what is left out; otherwise values change in place.
 */
const rotateWgsl = (apart: boolean) => /* wgsl */ `
${struct("Turn", rotateFields)}
@group(0) @binding(0) var<uniform> turn: Turn;
// Rows of the Paley matrix, then a bit a column of the matrix, set where the sign is negative.
@group(0) @binding(1) var<storage, read> words: array<u32>;
// A bit a block that holds NaN or Inf: it stays as it is.
@group(0) @binding(2) var<storage, ${apart ? "read_write" : "read"}> left_out: array<${apart ? "atomic<u32>" : "u32"}>;
@group(0) @binding(3) var<storage, read_write> flag: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> out: array<u32>;
${apart ? "@group(0) @binding(5) var<storage, read> input: array<u32>;" : ""}
${exactWgsl}
${rotateFloatsWgsl}
// Whether the values at hand are too small for floats.
var<private> exactly: bool;
${operationsWgsl}
${mixWgsl}
fn at(i: u32) -> u32 { return ${apart ? "input[i]" : "out[i]"}; }
fn left_word(k: u32) -> u32 { return ${apart ? "atomicLoad(&left_out[k])" : "left_out[k]"}; }
fn is_left_out(i: u32) -> bool {
  let block = i / turn.block;
  return ((left_word(block >> 5u) >> (block & 31u)) & 1u) == 1u;
}

fn signed(x: u32, i: u32) -> u32 {
  let col = i % turn.cols;
  return x ^ ((words[${MIX_WORDS}u + (col >> 5u)] >> (col & 31u)) << 31u);
}

fn finished(value: u32, i: u32) -> u32 {
  var x = value;
  if (turn.scales == 1u) { x = scaled(x); }
  if (turn.signs_out == 1u) { x = signed(x, i); }
  return x;
}

// Whether a value is too small for floats, and whether too large for anything here.
fn is_small(x: u32) -> bool { return !is_zero(x) && (x & MAGNITUDE) < turn.least; }
fn look_at(x: u32) {
  if ((x & MAGNITUDE) > turn.most) { atomicStore(&flag[0], 1u); }
}

var<workgroup> held: array<u32, ${HELD}>;
// Of the blocks held, those with NaN or Inf.
var<workgroup> left_here: array<atomic<u32>, ${HELD / 64}>;
var<workgroup> small_here: atomic<u32>;
var<workgroup> all_small: u32;

// Where the k-th value held is.
fn place(group: u32, k: u32) -> u32 {
  if (turn.span == 1u) { return group * turn.held + k; }
  let sets = turn.stride / turn.span;
  let first = (group / sets) * (turn.held / turn.span) * turn.stride + (group % sets) * turn.span;
  return first + (k / turn.span) * turn.stride + k % turn.span;
}

fn held_float(k: u32) -> f32 { return bitcast<f32>(held[k]); }
fn hold(k: u32, x: f32) { held[k] = bitcast<u32>(x); }

// All butterflies, two distances at a time.
fn add(thread: u32) {
  var h = turn.span;
  for (; 2u * h < turn.run; h = 4u * h) {
    for (var k = thread; k < turn.held / 4u; k += ${ROTATE_THREADS}u) {
      let beside = k & (h - 1u);
      let i = 4u * (k - beside) + beside;
      let a = held_float(i);
      let b = held_float(i + h);
      let c = held_float(i + 2u * h);
      let d = held_float(i + 3u * h);
      let ab = turn_sum(a, b);
      let cd = turn_sum(c, d);
      let a_b = turn_difference(a, b);
      let c_d = turn_difference(c, d);
      hold(i, turn_sum(ab, cd));
      hold(i + h, turn_sum(a_b, c_d));
      hold(i + 2u * h, turn_difference(ab, cd));
      hold(i + 3u * h, turn_difference(a_b, c_d));
    }
    workgroupBarrier();
  }
  if (h < turn.run) {
    for (var k = thread; k < turn.held / 2u; k += ${ROTATE_THREADS}u) {
      let beside = k & (h - 1u);
      let i = 2u * (k - beside) + beside;
      let a = held_float(i);
      let b = held_float(i + h);
      hold(i, turn_sum(a, b));
      hold(i + h, turn_difference(a, b));
    }
    workgroupBarrier();
  }
}

${exactButterfliesWgsl(ROTATE_THREADS)}
@compute @workgroup_size(${ROTATE_THREADS})
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let group = id.y * groups.x + id.x;
  for (var k = thread; k < turn.held; k += ${ROTATE_THREADS}u) {
    let i = place(group, k);
    var x = 0u;
    if (i < turn.count) {
      x = at(i);
      if (turn.finds == 1u && !is_finite(x)) {
        let block = k / turn.block;
        atomicOr(&left_here[block >> 5u], 1u << (block & 31u));
      } else if (turn.finds == 1u || !is_left_out(i)) {
        look_at(x);
        if (is_small(x)) { atomicStore(&small_here, 1u); }
      }
      if (turn.signs_in == 1u) { x = signed(x, i); }
    }
    held[k] = x;
  }
  workgroupBarrier();
  if (thread == 0u) { all_small = atomicLoad(&small_here); }
  exactly = workgroupUniformLoad(&all_small) == 1u;
  ${
    apart
      ? `if (turn.finds == 1u && thread < ${HELD / 64}u) {
    let left = atomicLoad(&left_here[thread]);
    for (var k = 0u; k < 32u && left != 0u; k++) {
      let block = group * (turn.held / turn.block) + 32u * thread + k;
      if (((left >> k) & 1u) == 1u) { atomicOr(&left_out[block >> 5u], 1u << (block & 31u)); }
    }
  }`
      : ""
  }
  if (workgroupUniformLoad(&all_small) == 1u) { add_exactly(thread, turn.span, turn.run, turn.held); } else { add(thread); }
  if (turn.mix > 0u) {
    for (var k = thread; k < turn.held / turn.mix; k += ${ROTATE_THREADS}u) {
      let first = (k / turn.power) * turn.block + k % turn.power;
      for (var j = 0u; j < turn.mix; j++) { column[j] = held[first + j * turn.power]; }
      for (var j = 0u; j < turn.mix; j++) { held[first + j * turn.power] = mixed(j); }
    }
  }
  workgroupBarrier();
  for (var k = thread; k < turn.held; k += ${ROTATE_THREADS}u) {
    let i = place(group, k);
    if (i >= turn.count) { continue; }
    var left = false;
    if (turn.finds == 1u) {
      let block = k / turn.block;
      left = ((atomicLoad(&left_here[block >> 5u]) >> (block & 31u)) & 1u) == 1u;
    } else { left = is_left_out(i); }
    if (!left) { out[i] = finished(held[k], i); }
    ${apart ? "else { out[i] = input[i]; }" : ""}
  }
}

fn thread_of(id: vec3<u32>, groups: vec3<u32>, thread: u32) -> u32 {
  return (id.y * groups.x + id.x) * ${ROTATE_THREADS}u + thread;
}

${
  apart
    ? `// Blocks that no workgroup holds whole are looked through beforehand, a value a thread.
@compute @workgroup_size(${ROTATE_THREADS})
fn find(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let i = thread_of(id, groups, thread);
  if (i >= turn.count || is_finite(input[i])) { return; }
  let block = i / turn.block;
  atomicOr(&left_out[block >> 5u], 1u << (block & 31u));
}`
    : `// The Paley matrix across runs that no workgroup holds together, a column a thread.
@compute @workgroup_size(${ROTATE_THREADS})
fn mix(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
       @builtin(local_invocation_index) thread: u32) {
  let k = thread_of(id, groups, thread);
  if (k >= turn.count / turn.mix) { return; }
  let first = (k / turn.power) * turn.block + k % turn.power;
  if (is_left_out(first)) { return; }
  for (var j = 0u; j < turn.mix; j++) {
    let x = out[first + j * turn.power];
    column[j] = x;
    look_at(x);
    exactly = exactly || is_small(x);
  }
  for (var j = 0u; j < turn.mix; j++) { out[first + j * turn.power] = finished(mixed(j), first + j * turn.power); }
}`
}
`;

export const rotateApartWgsl = rotateWgsl(true);
export const rotateInPlaceWgsl = rotateWgsl(false);
