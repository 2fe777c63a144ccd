import { PARTS, SUMS, TOTALS } from "../fields.ts";
import { paramsWgsl } from "./common.ts";

/** Adds up what the tiles gave, in PARTS parts: the processor adds those in float64. One thread a recipe, sum and part. */
export const totalsWgsl = /* wgsl */ `${paramsWgsl()}
const PARTS = ${PARTS}u;
const SUMS = ${SUMS}u;
const TOTALS = ${TOTALS}u;
@group(0) @binding(1) var<storage, read> sums: array<u32>;
@group(0) @binding(2) var<storage, read_write> totals: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let index = (group.y * groups.x + group.x) * THREADS + thread;
  let row = params.recipes * SUMS;
  if (index >= row * PARTS) { return; }
  let part = index / row;
  let recipe = (index % row) / SUMS;
  let which = (index % row) % SUMS;
  let at = (part * params.recipes + recipe) * TOTALS + which;
  var tile = part;
  if (which < 3u) {
    // Four sums, so that an addition need not wait for the one before it.
    var sum = vec4<f32>();
    for (; tile + 3u * PARTS < params.tiles; tile += 4u * PARTS) {
      let at = vec4<u32>(tile, tile + PARTS, tile + 2u * PARTS, tile + 3u * PARTS) * row + index % row;
      sum += bitcast<vec4<f32>>(vec4<u32>(sums[at.x], sums[at.y], sums[at.z], sums[at.w]));
    }
    for (; tile < params.tiles; tile += PARTS) { sum.x += bitcast<f32>(sums[tile * row + index % row]); }
    totals[at] = bitcast<u32>((sum.x + sum.y) + (sum.z + sum.w));
  } else if (which == 3u) {
    // Of floats that are not negative the larger has the larger bits.
    var most = 0u;
    for (; tile < params.tiles; tile += PARTS) { most = max(most, sums[tile * row + index % row]); }
    totals[at] = most;
  } else {
    var counts = vec3<u32>();
    for (; tile < params.tiles; tile += PARTS) {
      let packed = sums[tile * row + index % row];
      counts += vec3<u32>(packed & 0xfffu, (packed >> 12u) & 0xfffu, packed >> 24u);
    }
    totals[at] = counts.x;
    totals[at + 1u] = counts.y;
    totals[at + 2u] = counts.z;
  }
}
`;
