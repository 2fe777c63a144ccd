import { LOG_KEYS, VALUE_BINS } from "../../report/bins.ts";
import { exactWgsl } from "./exact.ts";
import { specWgsl } from "./spec.ts";
import { sumsWgsl } from "./sums.ts";
import { tallyWgsl } from "./tally.ts";

const THREADS = 128;
/** Elements whose sums are added up in one tree, and how many such trees a workgroup does. */
const CHUNK = 512;
const CHUNKS = 4;
export const MEASURE_ELEMENTS = CHUNK * CHUNKS;

/** Words of the counts: finite values, non-finite values, broken results, zero errors, then the two histograms. */
export const MEASURE_COUNTS = 4;
export const MEASURE_WORDS = MEASURE_COUNTS + VALUE_BINS + LOG_KEYS;
/** Sums of each chunk: x^2 over finite x; x*y, y^2 and |e| over finite errors. */
export const MEASURE_SUMS = 4;
export const MEASURE_CHUNK = CHUNK;

/**
 * Compares results with what came in, by the rules of `reference/accumulate.ts`: histograms, counts, sums, and for the
 * profiles e^2, x^2 and |e| of every element.
 */
export const measureWgsl = /* wgsl */ `
${specWgsl}
@group(0) @binding(0) var<uniform> piece: Piece;
@group(0) @binding(1) var<storage, read> original: array<u32>;
@group(0) @binding(2) var<storage, read> results: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> errors: array<u32>;
@group(0) @binding(6) var<storage, read_write> signals: array<u32>;
@group(0) @binding(7) var<storage, read_write> magnitudes: array<u32>;
${exactWgsl}
${sumsWgsl}

fn square_term(a: u32, b: u32) -> u32 {
  return scaled_float(product(unpack(a), unpack(b)), piece.square_shift);
}

// floor(x * 2^(8 - value_exponent)) + ${VALUE_BINS / 2}, for |x| < 2^value_exponent.
fn value_bin(x: u32) -> u32 {
  let p = unpack(x);
  let drop = u32(clamp(15 + piece.value_exponent - p.exponent, 0, 31));
  let whole = p.significand >> drop;
  let cut = (whole << drop) != p.significand;
  if (p.negative) { return ${VALUE_BINS / 2}u - whole - select(0u, 1u, cut); }
  return ${VALUE_BINS / 2}u + whole;
}

${tallyWgsl(MEASURE_WORDS)}
var<workgroup> tree: array<vec4<f32>, ${THREADS}>;

fn sum_of(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(float_sum(a.x, b.x), float_sum(a.y, b.y), float_sum(a.z, b.z), float_sum(a.w, b.w));
}

// Terms of one element for the sums of its chunk.
fn measure(i: u32) -> vec4<f32> {
  errors[i] = 0u;
  signals[i] = 0u;
  magnitudes[i] = 0u;
  let x = original[i];
  if (!is_finite(x)) {
    count_up(1u);
    return vec4<f32>();
  }
  count_up(0u);
  count_up(${MEASURE_COUNTS}u + value_bin(x));
  let signal = square_term(x, x);
  let y = results[i];
  if (!is_finite(y)) {
    count_up(2u);
    return vec4<f32>(bitcast<f32>(signal), 0.0, 0.0, 0.0);
  }
  let e = distance_between(x, y);
  if (e == 0u) { count_up(3u); }
  else { count_up(${MEASURE_COUNTS + VALUE_BINS}u + (e >> 21u)); }
  errors[i] = square_term(e, e);
  signals[i] = signal;
  magnitudes[i] = e;
  return bitcast<vec4<f32>>(
    vec4<u32>(signal, square_term(x, y), square_term(y, y), scaled_float(e, piece.magnitude_shift)));
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let first_chunk = (group.y * groups.x + group.x) * ${CHUNKS}u;
  for (var chunk = first_chunk; chunk < first_chunk + ${CHUNKS}u; chunk++) {
    var own = vec4<f32>();
    for (var k = 0u; k < ${CHUNK / THREADS}u; k++) {
      let i = chunk * ${CHUNK}u + k * ${THREADS}u + thread;
      if (i < piece.count) { own = sum_of(own, measure(i)); }
    }
    tree[thread] = own;
    for (var half = ${THREADS / 2}u; half > 0u; half = half >> 1u) {
      workgroupBarrier();
      if (thread < half) { tree[thread] = sum_of(tree[thread], tree[thread + half]); }
    }
    if (thread == 0u && chunk * ${CHUNK}u < piece.count) { sums[chunk] = tree[0]; }
    workgroupBarrier();
  }
  for (var k = thread; k < ${MEASURE_WORDS}u; k += ${THREADS}u) {
    let n = counted(k);
    if (n > 0u) { atomicAdd(&counts[k], n); }
  }
}
`;
