import { encodeElementWgsl } from "./encode-element.ts";
import { exactWgsl } from "./exact.ts";
import { quotientWgsl } from "./quotient.ts";
import { roundingWgsl } from "./rounding.ts";
import { specWgsl } from "./spec.ts";
import { comparedWgsl, MEASURE_WORDS } from "./terms.ts";
import { threefryWgsl } from "./threefry.ts";

export const SETTLE_THREADS = 64;
export const SETTLE_WORKGROUPS = 128;
/** Words of one value: itself and its result. */
export const SETTLED_WORDS = 2;

/** Counts a value and puts it with its result on a list: the processor adds both, whatever their size. */
export const keepResultWgsl = /* wgsl */ `
fn keep_result(x: u32, result: u32, at: u32) {
  _ = compared(x, result);
  out[at] = x;
  out[at + 1u] = result;
}
`;

/** A value's code, which is counted, and its result, which goes to a list. */
const settleOneWgsl = /* wgsl */ `
fn settle_code(x: u32, scale: u32, i: u32) -> u32 {
  let low = piece.index_low + i;
  let encoded = encode(x, scale, 0, vec2<u32>(low, piece.index_high + select(0u, 1u, low < i)));
  if (encoded.saturated == 1u) { count_up(${MEASURE_WORDS}u); }
  if (encoded.flushed == 1u) { count_up(${MEASURE_WORDS + 1}u); }
  if (is_finite(x)) { count_up(${MEASURE_WORDS + 2}u + encoded.code); }
  return encoded.result;
}
${keepResultWgsl}
`;

/** What settling on integers binds and needs: the list of what is open, counts, and a list of values and results. */
export const settleHeadWgsl = /* wgsl */ `
${specWgsl}
@group(0) @binding(0) var<uniform> spec: Spec;
@group(0) @binding(1) var<uniform> piece: Piece;
@group(0) @binding(2) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> table: array<Level>;
@group(0) @binding(4) var<storage, read> open: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(6) var<storage, read_write> out: array<u32>;
${exactWgsl}
${quotientWgsl}
${threefryWgsl}
${roundingWgsl}
${encodeElementWgsl}
fn count_up(k: u32) { atomicAdd(&counts[k], 1u); }
${comparedWgsl}
${settleOneWgsl}
`;

/** What the lean kernels left open, on integers: counts go to the totals, what is summed goes to a list. */
export const settleWgsl = /* wgsl */ `
${settleHeadWgsl}
fn settle(x: u32, scale: u32, i: u32, at: u32) {
  keep_result(x, settle_code(x, scale, i), at);
}

@compute @workgroup_size(${SETTLE_THREADS})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let count = 4u * min(open[0].x, arrayLength(&open) - 1u);
  // A value a thread: what integers take is long, and most lists are short.
  for (var k = id.x; k < count; k += ${SETTLE_THREADS * SETTLE_WORKGROUPS}u) {
    let found = open[k / 4u + 1u];
    settle(input[found.x][k % 4u], found.y, 4u * found.x + k % 4u, k * ${SETTLED_WORDS}u);
  }
}
`;
