import { exactWgsl } from "./exact.ts";
import { sumsWgsl } from "./sums.ts";

/**
 * Reductions over parts of a piece: rectangles, where a band of rows crosses a band of columns. Small parts take one
 * thread each, large ones a workgroup of 64. Sums pass through 15 roundings at most, so that they stay within 1e-6 of
 * the sum of magnitudes; the processor adds them up in float64.
 */

export const PART_THREADS = 64;
/** Most elements of a part that one thread sums, or a workgroup. */
export const THREAD_PART = 16;
export const GROUP_PART = 512;
export const PROFILE_WORDS = 3;
export const STATISTICS_WORDS = 4;

const partsWgsl = /* wgsl */ `
struct Bands { width: u32, rows: u32, cols: u32, unused: u32 }
@group(0) @binding(0) var<uniform> bands: Bands;
@group(0) @binding(1) var<storage, read> row_bands: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> col_bands: array<vec2<u32>>;

struct Part { first: u32, width: u32, count: u32 }

fn part_at(index: u32) -> Part {
  let rows = row_bands[index / bands.cols];
  let cols = col_bands[index % bands.cols];
  let width = cols.y - cols.x;
  return Part(rows.x * bands.width + cols.x, width, width * (rows.y - rows.x));
}

// The k-th element of a part, row by row.
fn element_of(part: Part, k: u32) -> u32 {
  return part.first + (k / part.width) * bands.width + k % part.width;
}
`;

/** `Sum`, `sum_part(part, begin, stride)`, `join(a, b)` and `store(index, sum)` are the reduction's own. */
const mains = /* wgsl */ `
fn index_of(group: vec3<u32>, groups: vec3<u32>) -> u32 { return group.y * groups.x + group.x; }

@compute @workgroup_size(${PART_THREADS})
fn by_thread(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
             @builtin(local_invocation_index) thread: u32) {
  let index = index_of(group, groups) * ${PART_THREADS}u + thread;
  if (index < bands.rows * bands.cols) { store(index, sum_part(part_at(index), 0u, 1u)); }
}

var<workgroup> tree: array<Sum, ${PART_THREADS}>;

@compute @workgroup_size(${PART_THREADS})
fn by_group(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) thread: u32) {
  let index = index_of(group, groups);
  // A workgroup past the end does the last part again and stores nothing: barriers want all threads alike.
  tree[thread] = sum_part(part_at(min(index, bands.rows * bands.cols - 1u)), thread, ${PART_THREADS}u);
  for (var half = ${PART_THREADS / 2}u; half > 0u; half = half >> 1u) {
    workgroupBarrier();
    if (thread < half) { tree[thread] = join(tree[thread], tree[thread + half]); }
  }
  if (thread == 0u && index < bands.rows * bands.cols) { store(index, tree[0]); }
}
`;

/** Sums of e^2 and x^2 and the largest |e|. */
export const profileWgsl = /* wgsl */ `
${partsWgsl}
@group(0) @binding(3) var<storage, read> errors: array<u32>;
@group(0) @binding(4) var<storage, read> signals: array<u32>;
@group(0) @binding(5) var<storage, read> magnitudes: array<u32>;
@group(0) @binding(6) var<storage, read_write> out: array<u32>;
${sumsWgsl}
struct Sum { error: f32, signal: f32, largest: u32 }

fn join(a: Sum, b: Sum) -> Sum {
  return Sum(float_sum(a.error, b.error), float_sum(a.signal, b.signal), max(a.largest, b.largest));
}

fn sum_part(part: Part, begin: u32, stride: u32) -> Sum {
  var sum = Sum(0.0, 0.0, 0u);
  for (var k = begin; k < part.count; k += stride) {
    let i = element_of(part, k);
    sum = join(sum, Sum(bitcast<f32>(errors[i]), bitcast<f32>(signals[i]), magnitudes[i]));
  }
  return sum;
}

fn store(index: u32, sum: Sum) {
  out[index * ${PROFILE_WORDS}u] = bitcast<u32>(sum.error);
  out[index * ${PROFILE_WORDS}u + 1u] = bitcast<u32>(sum.signal);
  out[index * ${PROFILE_WORDS}u + 2u] = sum.largest;
}
${mains}
`;

/** The largest positive and the largest negative magnitude as bits, whether NaN or Inf occur, which sign was first. */
export const statisticsWgsl = /* wgsl */ `
${partsWgsl}
@group(0) @binding(3) var<storage, read> input: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<u32>;
${exactWgsl}
// first: position of the first value of the largest magnitude, doubled, plus one where it is negative.
struct Sum { positive: u32, negative: u32, bad: u32, first: u32 }

fn join(a: Sum, b: Sum) -> Sum {
  let a_largest = max(a.positive, a.negative);
  let b_largest = max(b.positive, b.negative);
  var first = min(a.first, b.first);
  if (a_largest != b_largest) { first = select(b.first, a.first, a_largest > b_largest); }
  return Sum(max(a.positive, b.positive), max(a.negative, b.negative), a.bad | b.bad, first);
}

fn sum_part(part: Part, begin: u32, stride: u32) -> Sum {
  var sum = Sum(0u, 0u, 0u, 0xffffffffu);
  for (var k = begin; k < part.count; k += stride) {
    let x = input[element_of(part, k)];
    let size = x & MAGNITUDE;
    if (!is_finite(x)) { sum.bad = 1u; }
    else if ((x & SIGN) != 0u) { sum = join(sum, Sum(0u, size, 0u, 2u * k + 1u)); }
    else { sum = join(sum, Sum(size, 0u, 0u, 2u * k)); }
  }
  return sum;
}

fn store(index: u32, sum: Sum) {
  out[index * ${STATISTICS_WORDS}u] = sum.positive;
  out[index * ${STATISTICS_WORDS}u + 1u] = sum.negative;
  out[index * ${STATISTICS_WORDS}u + 2u] = sum.bad;
  out[index * ${STATISTICS_WORDS}u + 3u] = sum.first;
}
${mains}
`;
