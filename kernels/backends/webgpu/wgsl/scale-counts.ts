import { struct } from "./spec.ts";

const COUNT_THREADS = 256;
/** Scales of a workgroup. */
export const COUNTED_SCALES = 16 * COUNT_THREADS;

/** Bits of a float that each count goes by: the upper ones of all, those in the middle and the lower ones of fewer. */
export const UPPER_SHIFT = 20;
export const MIDDLE_SHIFT = 10;
export const UPPER_COUNTS = 2 ** (31 - UPPER_SHIFT);
export const MIDDLE_COUNTS = 2 ** (UPPER_SHIFT - MIDDLE_SHIFT);
export const LOWER_COUNTS = 2 ** MIDDLE_SHIFT;

/** Words: the three counts, zeros, all bits of the least turned over, the greatest. */
export const scaleCounts = {
  upper: 0,
  middle: UPPER_COUNTS,
  lower: UPPER_COUNTS + MIDDLE_COUNTS,
  zeros: UPPER_COUNTS + MIDDLE_COUNTS + LOWER_COUNTS,
  least: UPPER_COUNTS + MIDDLE_COUNTS + LOWER_COUNTS + 1,
  most: UPPER_COUNTS + MIDDLE_COUNTS + LOWER_COUNTS + 2,
  words: UPPER_COUNTS + MIDDLE_COUNTS + LOWER_COUNTS + 3,
};

const scaleCountsFields = [
  // Where the scales begin, how many there are, and the rank that is looked for.
  ["at", "u32"],
  ["count", "u32"],
  ["rank", "u32"],
] as const;

/** Adds what a workgroup counted to the totals. */
const flush = (counts: number, to: number) => `
  workgroupBarrier();
  for (var k = thread; k < ${counts}u; k += ${COUNT_THREADS}u) {
    let n = atomicLoad(&own[k]);
    if (n > 0u) { atomicAdd(&counts[${to}u + k], n); }
  }`;

const each = (group: string, body: string) => `
  let end = min(place.count, (${group} + 1u) * ${COUNTED_SCALES}u);
  for (var k = ${group} * ${COUNTED_SCALES}u + thread; k < end; k += ${COUNT_THREADS}u) {
    let bits = words[place.at + k];
    ${body}
  }`;

const entry = (name: string) => `@compute @workgroup_size(${COUNT_THREADS})
fn ${name}(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let index = group.y * groups.x + group.x;`;

/**
 * Counts of float32 that are finite and not below zero, in three goes: by their upper bits, then, among those that share
 * them with the one of the rank that is looked for, by the bits in the middle, then by the lower ones. The processor
 * reads the distribution off them, and that one exactly.
 */
export const scaleCountsWgsl = /* wgsl */ `
${struct("Scales", scaleCountsFields)}
@group(0) @binding(0) var<uniform> place: Scales;
@group(0) @binding(1) var<storage, read> words: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>>;
var<workgroup> own: array<atomic<u32>, ${UPPER_COUNTS}>;
var<workgroup> ends: array<atomic<u32>, 2>;
var<workgroup> sums: array<u32, ${COUNT_THREADS}>;
// The count that holds a rank, and how many lie before it.
var<workgroup> bucket: u32;
var<workgroup> before: u32;

fn find_rank(thread: u32, first: u32, each: u32, rank: u32) {
  var sum = 0u;
  for (var k = 0u; k < each; k++) { sum += atomicLoad(&counts[first + thread * each + k]); }
  sums[thread] = sum;
  for (var step = 1u; step < ${COUNT_THREADS}u; step = step << 1u) {
    workgroupBarrier();
    let add = select(0u, sums[max(thread, step) - step], thread >= step);
    workgroupBarrier();
    sums[thread] += add;
  }
  let up_to = sums[thread];
  if (rank < up_to && rank >= up_to - sum) {
    var so = up_to - sum;
    for (var k = 0u; k < each; k++) {
      let n = atomicLoad(&counts[first + thread * each + k]);
      if (rank >= so && rank - so < n) {
        bucket = thread * each + k;
        before = so;
      }
      so += n;
    }
  }
  workgroupBarrier();
}

${entry("upper")}
  var zeros = 0u;
  var least = 0u;
  var most = 0u;
  ${each(
    "index",
    `atomicAdd(&own[bits >> ${UPPER_SHIFT}u], 1u);
    zeros += select(0u, 1u, bits == 0u);
    least = max(least, ~bits);
    most = max(most, bits);`,
  )}
  if (zeros > 0u) { atomicAdd(&counts[${scaleCounts.zeros}u], zeros); }
  atomicMax(&ends[0], least);
  atomicMax(&ends[1], most);
  ${flush(UPPER_COUNTS, scaleCounts.upper)}
  if (thread == 0u) {
    atomicMax(&counts[${scaleCounts.least}u], atomicLoad(&ends[0]));
    atomicMax(&counts[${scaleCounts.most}u], atomicLoad(&ends[1]));
  }
}

${entry("middle")}
  find_rank(thread, ${scaleCounts.upper}u, ${UPPER_COUNTS / COUNT_THREADS}u, place.rank);
  let upper_bits = workgroupUniformLoad(&bucket);
  ${each("index", `if (bits >> ${UPPER_SHIFT}u == upper_bits) { atomicAdd(&own[(bits >> ${MIDDLE_SHIFT}u) & ${MIDDLE_COUNTS - 1}u], 1u); }`)}
  ${flush(MIDDLE_COUNTS, scaleCounts.middle)}
}

${entry("lower")}
  find_rank(thread, ${scaleCounts.upper}u, ${UPPER_COUNTS / COUNT_THREADS}u, place.rank);
  let upper_bits = workgroupUniformLoad(&bucket);
  let rank = place.rank - workgroupUniformLoad(&before);
  find_rank(thread, ${scaleCounts.middle}u, ${MIDDLE_COUNTS / COUNT_THREADS}u, rank);
  let prefix = (upper_bits << ${UPPER_SHIFT - MIDDLE_SHIFT}u) | workgroupUniformLoad(&bucket);
  ${each("index", `if (bits >> ${MIDDLE_SHIFT}u == prefix) { atomicAdd(&own[bits & ${LOWER_COUNTS - 1}u], 1u); }`)}
  ${flush(LOWER_COUNTS, scaleCounts.lower)}
}
`;
