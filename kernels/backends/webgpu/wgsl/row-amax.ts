import { exactWgsl } from "./exact.ts";

export const ROW_THREADS = 256;

/** The largest finite magnitude of each row, as bits. A workgroup takes a row; rows are whole fours. */
export const rowAmaxWgsl = /* wgsl */ `
struct Rows { rows: u32, fours: u32 }
@group(0) @binding(0) var<uniform> place: Rows;
@group(0) @binding(1) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;
${exactWgsl}
var<workgroup> most: array<u32, ${ROW_THREADS}>;

@compute @workgroup_size(${ROW_THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let row = min(group.y * groups.x + group.x, place.rows - 1u);
  var own = vec4<u32>();
  for (var k = thread; k < place.fours; k += ${ROW_THREADS}u) {
    let size = input[row * place.fours + k] & vec4<u32>(MAGNITUDE);
    own = max(own, select(size, vec4<u32>(), size >= vec4<u32>(INFINITY_BITS)));
  }
  most[thread] = max(max(own.x, own.y), max(own.z, own.w));
  for (var half = ${ROW_THREADS / 2}u; half > 0u; half = half >> 1u) {
    workgroupBarrier();
    if (thread < half) { most[thread] = max(most[thread], most[thread + half]); }
  }
  if (thread == 0u) { out[row] = most[0]; }
}
`;
