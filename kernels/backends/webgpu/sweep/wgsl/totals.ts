import { PARTS, SATURATED, TOTALS } from "../fields.ts";
import { paramsWgsl } from "./common.ts";

const AT_ONCE = 8;
const each = (line: (k: number) => string) => Array.from({ length: AT_ONCE }, (_, k) => line(k)).join("\n    ");
const add = (one: string, top: string) =>
  `sum += ${one}.xyz; zeros += u32(${one}.w) % SATURATED; saturated += u32(${one}.w) / SATURATED; most = max(most, ${top});`;

/** Adds up what the tiles gave, in PARTS parts: the processor adds those in float64. One thread a recipe and part. */
export const totalsWgsl = /* wgsl */ `${paramsWgsl(16)}
const PARTS = ${PARTS}u;
const TOTALS = ${TOTALS}u;
const SATURATED = ${SATURATED}u;
@group(0) @binding(1) var<storage, read> sums: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> largest_errors: array<f32>;
@group(0) @binding(3) var<storage, read_write> totals: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let index = (group.y * groups.x + group.x) * THREADS + thread;
  if (index >= params.recipes * PARTS) { return; }
  let recipe = index % params.recipes;
  var sum = vec3<f32>();
  var most = 0.0;
  var zeros = 0u;
  var saturated = 0u;
  var tile = index / params.recipes;
  // Some at a time, so that what is read for one need not wait for what is read for the one before it.
  for (; tile + ${AT_ONCE - 1}u * PARTS < params.tiles; tile += ${AT_ONCE}u * PARTS) {
    ${each((k) => `let one${k} = sums[(tile + ${k}u * PARTS) * params.recipes + recipe];`)}
    ${each((k) => `let top${k} = largest_errors[(tile + ${k}u * PARTS) * params.recipes + recipe];`)}
    ${each((k) => add(`one${k}`, `top${k}`))}
  }
  for (; tile < params.tiles; tile += PARTS) {
    let one = sums[tile * params.recipes + recipe];
    let top = largest_errors[tile * params.recipes + recipe];
    ${add("one", "top")}
  }
  let at = index * TOTALS;
  totals[at] = bitcast<u32>(sum.x);
  totals[at + 1u] = bitcast<u32>(sum.y);
  totals[at + 2u] = bitcast<u32>(sum.z);
  totals[at + 3u] = bitcast<u32>(most);
  totals[at + 4u] = zeros;
  totals[at + 5u] = saturated;
}
`;
