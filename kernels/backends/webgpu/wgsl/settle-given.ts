import { exactWgsl } from "./exact.ts";
import { keepResultWgsl, SETTLE_THREADS, SETTLE_WORKGROUPS, SETTLED_WORDS } from "./settle.ts";
import { specWgsl } from "./spec.ts";
import { comparedWgsl } from "./terms.ts";

/** What the lean kernels left open of given results, on integers, as `settle.ts` has it of values that are quantized. */
export const settleGivenWgsl = /* wgsl */ `
${specWgsl}
@group(0) @binding(0) var<uniform> piece: Piece;
@group(0) @binding(1) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> results: array<u32>;
@group(0) @binding(3) var<storage, read> open: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read_write> out: array<u32>;
${exactWgsl}
fn count_up(k: u32) { atomicAdd(&counts[k], 1u); }
${comparedWgsl}
${keepResultWgsl}

@compute @workgroup_size(${SETTLE_THREADS})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  // A list that is too long is of no use to anybody.
  let count = select(0u, 4u * open[0].x, open[0].x < arrayLength(&open));
  for (var k = id.x; k < count; k += ${SETTLE_THREADS * SETTLE_WORKGROUPS}u) {
    let four = open[k / 4u + 1u].x;
    keep_result(input[four][k % 4u], results[4u * four + k % 4u], k * ${SETTLED_WORDS}u);
  }
}
`;
