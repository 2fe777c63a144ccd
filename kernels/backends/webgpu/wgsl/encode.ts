import { encodeElementWgsl } from "./encode-element.ts";
import { exactWgsl } from "./exact.ts";
import { quotientWgsl } from "./quotient.ts";
import { roundingWgsl } from "./rounding.ts";
import { specWgsl } from "./spec.ts";
import { tallyWgsl } from "./tally.ts";
import { threefryWgsl } from "./threefry.ts";

/** Elements a workgroup encodes, and the most codes that are tallied in its own memory first. */
const THREADS = 256;
export const ENCODE_ELEMENTS = 2048;
const TALLIED = 256;

/** Counts before the code histogram in the output: saturated, flushed. */
export const ENCODE_COUNTS = 2;

/**
 * Encodes a piece of a tile: codes, results fl32(level * scale), counts. The rules are those of `reference/encoder.ts`,
 * case by case.
 */
export const encodeWgsl = /* wgsl */ `
${specWgsl}
@group(0) @binding(0) var<uniform> spec: Spec;
@group(0) @binding(1) var<uniform> piece: Piece;
@group(0) @binding(2) var<storage, read> input: array<u32>;
@group(0) @binding(3) var<storage, read> scales: array<u32>;
@group(0) @binding(4) var<storage, read> zero_points: array<i32>;
@group(0) @binding(5) var<storage, read> table: array<Level>;
@group(0) @binding(6) var<storage, read_write> results: array<u32>;
@group(0) @binding(7) var<storage, read_write> codes: array<u32>;
@group(0) @binding(8) var<storage, read_write> counts: array<atomic<u32>>;
${exactWgsl}
${quotientWgsl}
${threefryWgsl}
${roundingWgsl}

${encodeElementWgsl}
fn block_of(i: u32) -> u32 {
  if (piece.flat > 0u) { return (piece.col_in_block + i) / piece.flat; }
  let down = (piece.row_in_block + i / piece.width) / piece.block_rows;
  return down * piece.blocks_across + (piece.col_in_block + i % piece.width) / piece.block_cols;
}

${tallyWgsl(TALLIED)}
var<workgroup> saturated: atomic<u32>;
var<workgroup> flushed: atomic<u32>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let start = (group.y * groups.x + group.x) * ${ENCODE_ELEMENTS}u;
  let tallied = spec.code_count <= ${TALLIED}u;
  for (var i = start + thread; i < min(start + ${ENCODE_ELEMENTS}u, piece.count); i += ${THREADS}u) {
    let x = input[i];
    let block = block_of(i);
    var zero_point = 0;
    if (spec.affine == 1u) { zero_point = zero_points[block]; }
    let low = piece.index_low + i;
    let counter = vec2<u32>(low, piece.index_high + select(0u, 1u, low < i));
    let encoded = encode(x, scales[block], zero_point, counter);
    results[i] = encoded.result;
    codes[i] = encoded.code;
    if (encoded.saturated == 1u) { atomicAdd(&saturated, 1u); }
    if (encoded.flushed == 1u) { atomicAdd(&flushed, 1u); }
    if (is_finite(x) && spec.code_count > 0u) {
      if (tallied) { count_up(encoded.code); }
      else { atomicAdd(&counts[${ENCODE_COUNTS}u + encoded.code], 1u); }
    }
  }
  workgroupBarrier();
  if (thread == 0u) {
    atomicAdd(&counts[0], atomicLoad(&saturated));
    atomicAdd(&counts[1], atomicLoad(&flushed));
  }
  if (tallied) {
    for (var code = thread; code < spec.code_count; code += ${THREADS}u) {
      let n = counted(code);
      if (n > 0u) { atomicAdd(&counts[${ENCODE_COUNTS}u + code], n); }
    }
  }
}
`;
