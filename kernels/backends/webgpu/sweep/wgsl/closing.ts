import { batchOf, type RunSize, SUMS, threadsOf } from "../fields.ts";

/** Lanes of a subgroup, at least four. */
export interface SubgroupSizes {
  least: number;
  most: number;
}

/** How what a workgroup's threads added up for a batch of recipes becomes sums of the tile. */
export interface Closing {
  enable: string;
  declarations: string;
  /** Arguments of the entry point. */
  builtins: string;
  prepare: string;
  /** Keeps what the thread has for recipe b of the batch. */
  keep: string;
  /** Sums it up, after a barrier. */
  close: string;
}

/**
 * Through subgroups where there are some. Elsewhere through a workgroup's memory, of which so much is needed that an H100
 * runs few workgroups at a time: its driver leaves most of that memory to a cache.
 */
export const closingWgsl = (size: RunSize, subgroups: SubgroupSizes | null): Closing =>
  subgroups ? bySubgroups(Math.ceil(threadsOf(size) / subgroups.least), stepsOf(subgroups)) : byMemory(batchOf(size));

/** Sums over lanes that are a multiple of four apart. */
const stepsOf = ({ least, most }: SubgroupSizes): string =>
  least === most
    ? Array.from({ length: Math.log2(most) - 2 }, (_, k) => `sum += subgroupShuffleXor(sum, ${4 << k}u);`).join(" ")
    : "for (var d = 4u; d < lanes; d *= 2u) { sum += subgroupShuffleXor(sum, d); }";

const bySubgroups = (most: number, steps: string): Closing => ({
  enable: "enable subgroups;",
  declarations: /* wgsl */ `
// Subgroups of a workgroup at most, and how many there are.
const MOST_GROUPS = ${most}u;
var<workgroup> group_count: atomic<u32>;
var<workgroup> kept: array<vec4<f32>, BATCH * MOST_GROUPS>;
var<workgroup> kept_tops: array<f32, BATCH * MOST_GROUPS>;
`,
  builtins: ", @builtin(subgroup_invocation_id) lane: u32, @builtin(subgroup_size) lanes: u32",
  prepare: /* wgsl */ `
  var group_index = 0u;
  if (lane == 0u) { group_index = atomicAdd(&group_count, 1u); }
  group_index = subgroupBroadcastFirst(group_index);
  let odd = (lane & 1u) != 0u;
  let upper = (lane & 2u) != 0u;`,
  keep: /* wgsl */ `
      // Each lane of four goes on with one of the four sums, so that less is exchanged.
      let pair = select(vec2<f32>(squares, energy), vec2<f32>(errors, counts), odd)
        + subgroupShuffleXor(select(vec2<f32>(errors, counts), vec2<f32>(squares, energy), odd), 1u);
      var sum = select(pair.x, pair.y, upper) + subgroupShuffleXor(select(pair.y, pair.x, upper), 2u);
      ${steps}
      if (lane < SUMS) { kept[b * MOST_GROUPS + group_index][lane] = sum; }
      // Of floats that are not negative the larger has the larger bits.
      let group_top = subgroupMax(bitcast<u32>(top));
      if (lane == 0u) { kept_tops[b * MOST_GROUPS + group_index] = bitcast<f32>(group_top); }`,
  close: /* wgsl */ `
    let members = atomicLoad(&group_count);
    if (thread < count * SUMS) {
      var sum = 0.0;
      for (var k = 0u; k < members; k++) { sum += kept[thread / SUMS * MOST_GROUPS + k][thread % SUMS]; }
      sums[at * SUMS + thread] = sum;
    }
    if (thread < count) {
      var most = 0.0;
      for (var k = 0u; k < members; k++) { most = max(most, kept_tops[thread * MOST_GROUPS + k]); }
      largest_errors[at + thread] = most;
    }`,
});

const byMemory = (batch: number): Closing => ({
  enable: "",
  declarations: /* wgsl */ `
const ROW = THREADS / 4u;
// Threads that share a row of sums, or one of largest errors.
const SHARES = THREADS / (BATCH * SUMS);
const TOP_SHARES = THREADS / BATCH;
// A row for each sum of each recipe of a batch, then one for each recipe's largest error.
var<workgroup> parts: array<vec4<f32>, ${batch * (SUMS + 1)}u * ROW>;
var<workgroup> shares: array<f32, THREADS>;
var<workgroup> tops: array<f32, THREADS>;

fn put(row: u32, thread: u32, value: f32) { parts[row * ROW + thread / 4u][thread % 4u] = value; }

// Adds up a thread's share of the sums. Threads start at different columns, which lie in different banks.
fn sum_of(thread: u32) -> f32 {
  let row = thread / SHARES;
  let first = row * ROW + (thread % SHARES) * (ROW / SHARES);
  var sum = vec4<f32>();
  for (var k = 0u; k < ROW / SHARES; k++) { sum += parts[first + (k + row) % (ROW / SHARES)]; }
  return (sum.x + sum.y) + (sum.z + sum.w);
}

// The largest of a thread's share of the largest errors.
fn top_of(thread: u32) -> f32 {
  let first = (BATCH * SUMS + thread / TOP_SHARES) * ROW + (thread % TOP_SHARES) * (ROW / TOP_SHARES);
  var top = vec4<f32>();
  for (var k = 0u; k < ROW / TOP_SHARES; k++) { top = max(top, parts[first + k]); }
  return max(max(top.x, top.y), max(top.z, top.w));
}
`,
  builtins: "",
  prepare: "",
  keep: /* wgsl */ `
      put(b * SUMS, thread, squares);
      put(b * SUMS + 1u, thread, errors);
      put(b * SUMS + 2u, thread, energy);
      put(b * SUMS + 3u, thread, counts);
      put(BATCH * SUMS + b, thread, top);`,
  close: /* wgsl */ `
    shares[thread] = sum_of(thread);
    tops[thread] = top_of(thread);
    workgroupBarrier();
    if (thread < count * SUMS) {
      var sum = 0.0;
      for (var k = 0u; k < SHARES; k++) { sum += shares[thread * SHARES + k]; }
      sums[at * SUMS + thread] = sum;
    }
    if (thread < count) {
      var most = 0.0;
      for (var k = 0u; k < TOP_SHARES; k++) { most = max(most, tops[thread * TOP_SHARES + k]); }
      largest_errors[at + thread] = most;
    }`,
});
