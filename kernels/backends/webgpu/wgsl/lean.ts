import { VALUE_BINS } from "../../../report/bins.ts";
import { exactWgsl } from "./exact.ts";
import {
  filterFloatsOnGridWgsl,
  filterFloatsWgsl,
  filterIntegersWgsl,
  filterTableWgsl,
  productsWgsl,
} from "./filter.ts";
import { codesWgsl, indexBits } from "./lean-codes.ts";
import {
  ACROSS,
  copied,
  ERROR_KEYS,
  LEAN_BANDS,
  LEAN_COLS,
  LEAN_COUNTS,
  LEAN_SUMS,
  LEAN_THREADS,
  LEAN_VALUES,
  type LeanText,
  leanFields,
  POOL_WORDS,
  pool,
} from "./lean-fields.ts";
import { beyondWgsl, measureFour, measureGiven, measureTurned } from "./lean-measure.ts";
import { heldRows, joinedRows, neighboursWgsl } from "./lean-neighbours.ts";
import { resolveWgsl } from "./lean-resolve.ts";
import { leanScaleWgsl, MOST_RANKS } from "./lean-scale.ts";
import { rowScalesWgsl, rowsFirst, scaleSide } from "./lean-sides.ts";
import { anyOf, each, fours, joined, tree } from "./lean-text.ts";
import { flipsOf, turnFloatsWgsl, turnRow, turnWgsl } from "./lean-turn.ts";
import { LEVEL_WORDS, specWgsl, struct } from "./spec.ts";
import { MEASURE_COUNTS, MEASURE_WORDS } from "./terms.ts";

const filterOf = ({ element, powers, symmetric, pairs }: LeanText) => {
  if (element === "table") return filterTableWgsl(pool.cells);
  const text = { powers, symmetric, signShift: indexBits(pairs) - 1 };
  return element === "float" ? filterFloatsOnGridWgsl(text) : filterIntegersWgsl(text);
};

function measureRow(text: LeanText): string {
  if (text.given) return measureGiven;
  return text.turned > 0 ? measureTurned(text) : each(fours, measureFour);
}

/** Reads a thread's values of a row, zeros where it has none. */
const load = (name: string, row: string) => `
    if (${row} < span.y && col < lean.cols) {
      ${each(fours, (k) => `${name}${k} = input[((${row}) * lean.cols + col) / 4u + ${k}u];`)}
    } else {
      ${each(fours, (k) => `${name}${k} = vec4<f32>();`)}
    }`;

const columns = (name: string) => `
  workgroupBarrier();
  ${each(fours, (k) => each([0, 1, 2, 3], (c) => `atomicStore(&pool[column + ${ACROSS * (4 * k + c)}u], bitcast<u32>(${name}${k}.${"xyzw"[c]}));`))}
  workgroupBarrier();`;

/**
 * Quantizes and measures whole rows in one read. A thread takes ${LEAN_VALUES} neighbours of each row of a band; what the
 * filters leave open goes to a list, four neighbours at a time, and is settled elsewhere. Counts and sums here are
 * without those.
 */
export const leanWgsl = (text: LeanText) => /* wgsl */ `
${text.subgroup > 1 ? "enable subgroups;\ndiagnostic(off, subgroup_uniformity);" : ""}
const THREADS = ${LEAN_THREADS}u;
${specWgsl}
${struct("Lean", leanFields)}
struct Level { value: u32, code: u32, more: array<u32, ${LEVEL_WORDS - 2}> }
const LEVEL_ODD = 0x80000000u;
@group(0) @binding(0) var<uniform> spec: Spec;
@group(0) @binding(1) var<uniform> piece: Piece;
@group(0) @binding(2) var<uniform> lean: Lean;
@group(0) @binding(3) var<storage, read> input: array<vec4<f32>>;
// Scales in force by block, or largest magnitudes, or the results to be measured.
@group(0) @binding(4) var<storage, read> scales: array<u32>;
@group(0) @binding(5) var<storage, read> table: array<Level>;
@group(0) @binding(6) var<storage, read> bands: array<vec2<u32>>;
// Steps of the scales, then scales by rank, then cells of a codebook, then a rotation's signs, a bit a column.
@group(0) @binding(7) var<storage, read> lookup: array<vec2<u32>>;
@group(0) @binding(8) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(9) var<storage, read_write> out: array<u32>;
// How many fours are open, then where each is and its scale.
@group(0) @binding(10) var<storage, read_write> open: array<atomic<u32>>;
var<workgroup> pool: array<atomic<u32>, ${POOL_WORDS}>;
${exactWgsl}
${filterFloatsWgsl}
${leanScaleWgsl(text.bySteps)}
${productsWgsl[text.products]}
${codesWgsl(text)}
${filterOf(text)}
${neighboursWgsl(text.subgroup)}
${beyondWgsl(text)}
${rowScalesWgsl(text)}
${text.turned > 0 ? turnWgsl(text.turned, text.subgroup) + resolveWgsl(text) : ""}
${text.given ? turnFloatsWgsl : ""}

// Of moderate magnitudes: squares stay normal, and those of what they differ by.
const MOST_MODERATE = 165u << 23u;

fn leave_open(four: u32, scale: u32) { list_open(atomicAdd(&open[0], 1u), four, scale); }
fn list_open(k: u32, four: u32, scale: u32) {
  if (k < lean.open_capacity) {
    atomicStore(&open[2u * k + 2u], four);
    atomicStore(&open[2u * k + 3u], scale);
  }
}

fn count_of(those: vec4<bool>) -> u32 {
  let ones = select(vec4<u32>(), vec4<u32>(1u), those);
  return ones.x + ones.y + ones.z + ones.w;
}

fn counted(first: u32, copies: u32) -> u32 {
  var sum = 0u;
  for (var k = 0u; k < copies; k++) { sum += atomicLoad(&pool[first + k]); }
  return sum;
}

fn most_within(a: vec4<u32>) -> u32 { return max(max(a.x, a.y), max(a.z, a.w)); }
fn least_within(a: vec4<u32>) -> u32 { return min(min(a.x, a.y), min(a.z, a.w)); }
fn sum_within(a: vec4<f32>) -> f32 { return (a.x + a.y) + (a.z + a.w); }
fn finite_ones(a: vec4<u32>) -> vec4<u32> { return select(a, vec4<u32>(), a >= vec4<u32>(INFINITY_BITS)); }

fn keep_scale(block: u32, scale: u32, amax: u32) {
  out[lean.stored_at + block] = scale;
  if (scale == 0u && amax != 0u) { atomicAdd(&open[1], 1u); }
}

fn first_block(row: u32) -> u32 {
  if (piece.block_rows == 1u) { return row * piece.blocks_across; }
  return ((piece.row_in_block + row) / piece.block_rows) * piece.blocks_across;
}

@compute @workgroup_size(${LEAN_THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  // All texts bind the same.
  _ = spec.kind;
  _ = &table;
  _ = &scales;
  _ = &lookup;
  _ = &bands;
  let index = group.y * groups.x + group.x;
  let first_band = (index / lean.chunks) * ${LEAN_BANDS}u;
  prepare_levels(thread);
  ${rowsFirst(text) ? "find_row_scales(thread, first_band, index % lean.chunks);" : ""}
  workgroupBarrier();
  let beside = thread % ${ACROSS}u;
  let col = ((index % lean.chunks) * ${ACROSS}u + beside) * ${LEAN_VALUES}u;
  let band = first_band + thread / ${ACROSS}u;
  let block_col = col / piece.block_cols;
  var span = vec2<u32>();
  if (band < lean.bands) { span = bands[band]; }
  let errors_at = ${pool.errors}u + (thread & ${copied.errors - 1}u) - ${copied.errors}u * lean.error_key;
  let values_at = ${pool.values + (copied.values * VALUE_BINS) / 2}u + (thread & ${copied.values - 1}u) - ${copied.values}u * bitcast<u32>(lean.whole);
  let row_mask = (1u << lean.row_steps) - 1u;
  ${each(fours, (k) => `var col_error${k} = vec4<f32>(); var col_signal${k} = vec4<f32>(); var col_most${k} = vec4<f32>();`)}
  var dot = 0.0;
  var energy = 0.0;
  var absolute = 0.0;
  var settled = 0u;
  var zeros = 0u;
  var saturated = 0.0;
  ${heldRows(text.subgroup)}
  ${text.turned > 0 ? flipsOf : ""}
  ${each(fours, (k) => `var ahead${k} = vec4<f32>();`)}
  ${load("ahead", "span.x")}
  for (var r = 0u; r < lean.band_rows; r++) {
    let row = span.x + r;
    let inside = row < span.y && col < lean.cols;
    let place = (row * lean.cols + col) / 4u;
    ${each(fours, (k) => `let ${text.turned > 0 ? "own" : "x"}${k} = ahead${k};`)}
    // The next row is on its way while this one is worked on.
    ${load("ahead", "row + 1u")}
    ${text.turned > 0 ? turnRow(text.turned) : ""}
    ${each(fours, (k) => `let size${k} = bitcast<vec4<u32>>(x${k}) & vec4<u32>(MAGNITUDE);`)}
    let largest = most_within(${joined("size", "max")});
    let least = least_within(${joined("size", "min")});
    let small = least < lean.least;
    var usable = largest <= MOST_MODERATE;
    if (small) {
      let few = vec4<u32>(lean.least - 1u);
      let one = vec4<u32>(1u);
      if (any(${anyOf((k) => `(size${k} - one < few)`)})) { usable = false; }
    }
    var lane = Lane(true, false, 1.0, 1.0);
    var scale = 0x3f800000u;
    ${scaleSide(text)}
    lane.usable = lane.usable && usable;
    var row_error = vec2<f32>();
    var row_signal = vec2<f32>();
    var row_most = vec2<f32>();
    var row_dot = vec2<f32>();
    var row_energy = vec2<f32>();
    var row_absolute = vec2<f32>();
    ${measureRow(text)}
    dot += row_dot.x + row_dot.y;
    energy += row_energy.x + row_energy.y;
    absolute += row_absolute.x + row_absolute.y;
    let sums = vec2<f32>(row_error.x + row_error.y, row_signal.x + row_signal.y);
    var part = Segment(sums, bitcast<u32>(max(row_most.x, row_most.y)));
    ${text.subgroup > 1 ? "var complete = true;" : "let complete = true;"}
    ${joinedRows(text.subgroup)}
    if (complete) {
      part = segment_of(thread, part, row_mask + 1u, lean.segment_threads);
      let of_row = row - row_mask + (beside & row_mask);
      if (of_row < span.y && col < lean.cols && (beside % lean.segment_threads) <= row_mask) {
        let at = of_row * lean.across + col / (${LEAN_VALUES}u * lean.segment_threads);
        let apart = lean.rows * lean.across;
        out[at] = bitcast<u32>(part.sums.x);
        out[at + apart] = bitcast<u32>(part.sums.y);
        out[at + 2u * apart] = part.most;
      }
    }
  }
  if (span.y > span.x && col < lean.cols) {
    let units = lean.cols / lean.unit;
    let at = lean.units_at + 2u * band * units + col / lean.unit;
    if (lean.unit == ${LEAN_VALUES}u) {
      out[at] = bitcast<u32>(sum_within(${fours.map((k) => `col_error${k}`).join(" + ")}));
      out[at + units] = bitcast<u32>(sum_within(${fours.map((k) => `col_signal${k}`).join(" + ")}));
    } else if (lean.unit == 4u) {
      ${each(fours, (k) => `out[at + ${k}u] = bitcast<u32>(sum_within(col_error${k})); out[at + units + ${k}u] = bitcast<u32>(sum_within(col_signal${k}));`)}
    } else {
      ${each(fours, (k) =>
        each(
          [0, 1, 2, 3],
          (c) =>
            `out[at + ${4 * k + c}u] = bitcast<u32>(col_error${k}.${"xyzw"[c]}); out[at + units + ${4 * k + c}u] = bitcast<u32>(col_signal${k}.${"xyzw"[c]});`,
        ),
      )}
    }
  }
  workgroupBarrier();
  add_codes(thread);
  for (var bin = thread; bin < ${VALUE_BINS}u; bin += THREADS) {
    let n = counted(${pool.values}u + bin * ${copied.values}u, ${copied.values}u);
    if (n > 0u) { atomicAdd(&counts[${MEASURE_COUNTS}u + bin], n); }
  }
  if (thread < ${ERROR_KEYS}u) {
    let n = counted(${pool.errors}u + thread * ${copied.errors}u, ${copied.errors}u);
    let key = ${MEASURE_COUNTS + VALUE_BINS}u + lean.error_key + thread;
    if (n > 0u) { atomicAdd(&counts[select(key, 3u, thread == 0u)], n); }
  }
  if (${text.bySteps} && thread < ${MOST_RANKS}u) {
    let n = atomicLoad(&pool[${pool.ranks}u + thread]);
    if (n > 0u) { atomicAdd(&counts[${LEAN_COUNTS}u + spec.code_count + thread], n); }
  }
  let column = (thread / ${ACROSS}u) * ${LEAN_COLS}u + beside;
  // The thread-th column in the order of the pool.
  let own_col = (index % lean.chunks) * ${LEAN_COLS}u + beside * ${LEAN_VALUES}u + thread / ${ACROSS}u;
  let to = lean.cols_at + (first_band / ${LEAN_BANDS}u) * 3u * lean.cols + own_col;
  ${each(
    ["error", "signal"] as const,
    (name) => `${columns(`col_${name}`)}
  if (own_col < lean.cols) { out[to + ${name === "error" ? "0u" : "lean.cols"}] = bitcast<u32>(column_sum(thread)); }`,
  )}
  ${columns("col_most")}
  if (own_col < lean.cols) { out[to + 2u * lean.cols] = column_most(thread); }
  workgroupBarrier();
  atomicStore(&pool[thread], bitcast<u32>(dot));
  atomicStore(&pool[THREADS + thread], bitcast<u32>(energy));
  atomicStore(&pool[2u * THREADS + thread], bitcast<u32>(absolute));
  atomicStore(&pool[3u * THREADS + thread], 4u * settled);
  atomicStore(&pool[4u * THREADS + thread], u32(saturated));
  atomicStore(&pool[5u * THREADS + thread], zeros);
  workgroupBarrier();
  if (thread < ${3 * LEAN_SUMS}u) {
    let kind = thread / ${LEAN_SUMS}u;
    let sum = tree_sum(kind * THREADS + thread % ${LEAN_SUMS}u, ${LEAN_SUMS}u);
    out[lean.sums_at + (index * 3u + kind) * ${LEAN_SUMS}u + thread % ${LEAN_SUMS}u] = bitcast<u32>(sum);
  } else if (thread >= 128u && thread < 224u) {
    let kind = (thread - 128u) / 32u;
    var sum = 0u;
    for (var k = thread % 32u; k < THREADS; k += 32u) { sum += atomicLoad(&pool[(3u + kind) * THREADS + k]); }
    // Zeros have the code of zero and yet are not flushed.
    if (kind == 2u) { sum = 0u - sum; }
    if (sum != 0u) { atomicAdd(&counts[select(${MEASURE_WORDS - 1}u + kind, 0u, kind == 0u)], sum); }
  }
}

fn float_at(k: u32) -> f32 { return bitcast<f32>(atomicLoad(&pool[k])); }

// Words of all bands of a column, so far apart.
fn tree_sum(first: u32, apart: u32) -> f32 {
  ${each(
    Array.from({ length: LEAN_BANDS }, (_, k) => k),
    (k) => `let word${k} = float_at(first + ${k}u * apart);`,
  )}
  return ${tree(Array.from({ length: LEAN_BANDS }, (_, k) => `word${k}`))};
}

fn column_sum(k: u32) -> f32 { return tree_sum(k, ${LEAN_COLS}u); }

fn column_most(k: u32) -> u32 {
  var most = 0u;
  for (var d = 0u; d < ${LEAN_BANDS}u; d++) { most = max(most, atomicLoad(&pool[k + d * ${LEAN_COLS}u])); }
  return most;
}
`;
