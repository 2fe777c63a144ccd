import { exactButterfliesWgsl, exactSumWgsl } from "./rotate.ts";
import { SETTLE_THREADS, SETTLE_WORKGROUPS, SETTLED_WORDS, settleHeadWgsl } from "./settle.ts";
import { struct } from "./spec.ts";

/** Values of the largest block. */
const MOST_SETTLED_TURNED = 256;

export const settleTurnedFields = [
  ["block", "u32"],
  // Columns of the tile's rows.
  ["cols", "u32"],
  // fl32(1/sqrt(block)), as bits.
  ["factor", "u32"],
] as const;

/** Whole blocks that the lean kernels left open, as `settle.ts` has single values, rotated and rotated back on integers. */
export const settleTurnedWgsl = /* wgsl */ `
${settleHeadWgsl}
${struct("Turn", settleTurnedFields)}
@group(0) @binding(7) var<uniform> turn: Turn;
// A bit a column, set where the sign is negative.
@group(0) @binding(8) var<storage, read> signs: array<u32>;
${exactSumWgsl}
var<workgroup> held: array<u32, ${MOST_SETTLED_TURNED}>;
var<workgroup> left_out: atomic<u32>;
var<workgroup> blocks: u32;
var<workgroup> left_alone: u32;

fn signed(x: u32, i: u32) -> u32 {
  let col = i % turn.cols;
  return x ^ ((signs[col >> 5u] >> (col & 31u)) << 31u);
}

${exactButterfliesWgsl(SETTLE_THREADS)}
// All butterflies of the block that is held, and the factor.
fn rotate(thread: u32) {
  workgroupBarrier();
  add_exactly(thread, 1u, turn.block, turn.block);
  for (var k = thread; k < turn.block; k += ${SETTLE_THREADS}u) {
    held[k] = product(unpack(held[k]), unpack(turn.factor));
  }
}

@compute @workgroup_size(${SETTLE_THREADS})
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let fours = turn.block / 4u;
  // A list that is too long is of no use to anybody.
  if (thread == 0u) { blocks = select(0u, open[0].x / fours, open[0].x < arrayLength(&open)); }
  let count = workgroupUniformLoad(&blocks);
  for (var block = id.x; block < count; block += ${SETTLE_WORKGROUPS}u) {
    let first = 1u + block * fours;
    if (thread == 0u) { atomicStore(&left_out, 0u); }
    workgroupBarrier();
    for (var k = thread; k < turn.block; k += ${SETTLE_THREADS}u) {
      let four = open[first + k / 4u].x;
      let x = input[four][k % 4u];
      if (!is_finite(x)) { atomicStore(&left_out, 1u); }
      held[k] = signed(x, 4u * four + k % 4u);
    }
    workgroupBarrier();
    if (thread == 0u) { left_alone = atomicLoad(&left_out); }
    let stays = workgroupUniformLoad(&left_alone) == 1u;
    if (!stays) { rotate(thread); }
    for (var k = thread; k < turn.block; k += ${SETTLE_THREADS}u) {
      let found = open[first + k / 4u];
      let i = 4u * found.x + k % 4u;
      let x = select(held[k], input[found.x][k % 4u], stays);
      held[k] = settle_code(x, found.y, i);
    }
    if (!stays) { rotate(thread); }
    for (var k = thread; k < turn.block; k += ${SETTLE_THREADS}u) {
      let four = open[first + k / 4u].x;
      let i = 4u * four + k % 4u;
      let result = select(signed(held[k], i), held[k], stays);
      keep_result(input[four][k % 4u], result, (4u * block * fours + k) * ${SETTLED_WORDS}u);
    }
    workgroupBarrier();
  }
}
`;
