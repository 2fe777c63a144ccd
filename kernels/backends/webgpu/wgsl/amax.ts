import { exactWgsl } from "./exact.ts";
import { struct } from "./spec.ts";

const THREADS = 128;
const BATCH = 4;
/** Columns and rows of a workgroup. */
export const AMAX_COLS = 4 * THREADS;
export const AMAX_ROWS = 16;

/** Set beside the magnitude where a segment holds NaN or Inf. */
export const AMAX_BAD = 0x80000000;

export const amaxFields = [
  ["rows", "u32"],
  ["cols", "u32"],
  // Stretches of AMAX_COLS columns.
  ["chunks", "u32"],
  // Threads of a segment: four elements each, a power of two.
  ["segment_threads", "u32"],
  // Segments of a row.
  ["across", "u32"],
] as const;

/** The largest finite magnitude of every segment of whole rows, as bits. A thread takes four neighbours a row. */
export const amaxWgsl = /* wgsl */ `
${struct("Place", amaxFields)}
@group(0) @binding(0) var<uniform> place: Place;
@group(0) @binding(1) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;
${exactWgsl}
const BAD = ${AMAX_BAD}u;

fn finite_or_bad(x: vec4<u32>) -> vec4<u32> {
  let size = x & vec4<u32>(MAGNITUDE);
  return select(size, vec4<u32>(BAD), size >= vec4<u32>(INFINITY_BITS));
}

fn join(a: vec4<u32>, b: vec4<u32>) -> vec4<u32> {
  let largest = max(a & vec4<u32>(MAGNITUDE), b & vec4<u32>(MAGNITUDE));
  return largest | ((a | b) & vec4<u32>(BAD));
}

fn within(four: vec4<u32>) -> u32 {
  let found = finite_or_bad(four);
  let pair = join(vec4<u32>(found.xy, 0u, 0u), vec4<u32>(found.zw, 0u, 0u));
  return join(pair, vec4<u32>(pair.y)).x;
}

// Largest magnitudes of a batch of rows, one in each component.
var<workgroup> largest: array<vec4<u32>, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let index = group.y * groups.x + group.x;
  let first = (index / place.chunks) * ${AMAX_ROWS}u;
  let col = (index % place.chunks) * ${AMAX_COLS}u + thread * 4u;
  let stride = place.cols / 4u;
  let within_segment = thread & (place.segment_threads - 1u);
  for (var row = first; row < min(first + ${AMAX_ROWS}u, place.rows); row += ${BATCH}u) {
    let last = place.rows - 1u;
    var own = vec4<u32>();
    if (col < place.cols) {
      let a = input[row * stride + col / 4u];
      let b = input[min(row + 1u, last) * stride + col / 4u];
      let c = input[min(row + 2u, last) * stride + col / 4u];
      let d = input[min(row + 3u, last) * stride + col / 4u];
      own = vec4<u32>(within(a), within(b), within(c), within(d));
    }
    workgroupBarrier();
    largest[thread] = own;
    for (var half = place.segment_threads >> 1u; half > 0u; half = half >> 1u) {
      workgroupBarrier();
      if (within_segment < half) { largest[thread] = join(largest[thread], largest[thread + half]); }
    }
    if (within_segment == 0u && col < place.cols) {
      for (var j = 0u; j < min(${BATCH}u, place.rows - row); j++) {
        out[(row + j) * place.across + col / (4u * place.segment_threads)] = largest[thread][j];
      }
    }
  }
}
`;
