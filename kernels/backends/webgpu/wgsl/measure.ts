import { exactWgsl } from "./exact.ts";
import { specWgsl } from "./spec.ts";
import { sumsWgsl } from "./sums.ts";
import { tallyWgsl } from "./tally.ts";
import { MEASURE_WORDS, termsWgsl } from "./terms.ts";

const THREADS = 128;
/** Elements whose sums are added up in one tree, and how many such trees a workgroup does. */
const CHUNK = 512;
const CHUNKS = 4;
export const MEASURE_ELEMENTS = CHUNK * CHUNKS;

/** Sums of each chunk: x^2, x*y, y^2 and |e|. */
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

${tallyWgsl(MEASURE_WORDS)}
${termsWgsl(`${MEASURE_WORDS}u`)}
var<workgroup> tree: array<vec4<f32>, ${THREADS}>;

fn sum_of(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(float_sum(a.x, b.x), float_sum(a.y, b.y), float_sum(a.z, b.z), float_sum(a.w, b.w));
}

// Terms of one element for the sums of its chunk.
fn measure(i: u32) -> vec4<f32> {
  let terms = terms_of(original[i], results[i], i);
  errors[i] = bitcast<u32>(terms.error);
  signals[i] = bitcast<u32>(terms.signal);
  magnitudes[i] = terms.magnitude;
  return vec4<f32>(terms.signal, terms.dot, terms.energy, terms.absolute);
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
