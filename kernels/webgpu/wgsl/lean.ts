import { VALUE_BINS } from "../../report/bins.ts";
import { exactWgsl } from "./exact.ts";
import { filterFloatGridWgsl, filterFloatsWgsl, filterIntegersWgsl, filterTableWgsl, productsWgsl } from "./filter.ts";
import { leanScaleWgsl, MOST_RANKS, SCALE_FROM } from "./lean-scale.ts";
import { LEVEL_WORDS, specWgsl, struct } from "./spec.ts";
import { MEASURE_COUNTS, MEASURE_WORDS } from "./terms.ts";

/** What a thread takes of a row, threads side by side, and rows of them. */
const FOURS = 2;
export const LEAN_VALUES = 4 * FOURS;
const ACROSS = 32;
export const LEAN_COLS = ACROSS * LEAN_VALUES;
/** Bands of a workgroup. */
export const LEAN_BANDS = 8;
const THREADS = ACROSS * LEAN_BANDS;
/** Most rows of a band: sums of columns pass through as many roundings, and four more. */
export const LEAN_BAND_ROWS = 11;

/** Keys of errors that are counted, from `error_key` on. Smaller errors are left open. */
export const ERROR_KEYS = 128;

/** Words of the counts: as `fused.ts` has them, then the ranks of scales. */
export const LEAN_COUNTS = MEASURE_WORDS + 2;

/** Sums of x*y, y^2 and |e|, four words a thread of so many a workgroup. */
export const LEAN_SUMS = THREADS / LEAN_BANDS;

/** Counters of a workgroup: each has copies for threads beside each other, which meet less often then. */
const copied = { values: 2, errors: 8, codes: 2, pairs: 2 };
// Codebooks count pairs only and have room for their cells.
const at = { values: 0, errors: 1024, codes: 2048, cells: 2560, ranks: 3072, scratch: 3328 };
const POOL = 4096;

/** Where things lie, and what the filters go by. */
export const leanFields = [
  ["rows", "u32"],
  ["cols", "u32"],
  ["bands", "u32"],
  ["band_rows", "u32"],
  // Stretches of LEAN_COLS columns.
  ["chunks", "u32"],
  // Threads of a segment, a power of two, and segments of a row.
  ["segment_threads", "u32"],
  ["across", "u32"],
  // Threads of a block where its scale is found here, a power of two.
  ["block_threads", "u32"],
  // Columns that are summed together for the map: 1, 4 or all that a thread takes.
  ["unit", "u32"],
  ["cols_at", "u32"],
  ["units_at", "u32"],
  ["sums_at", "u32"],
  ["stored_at", "u32"],
  ["scale_from", "u32"],
  ["by_steps", "u32"],
  ["ranks_at", "u32"],
  ["cells_at", "u32"],
  ["open_capacity", "u32"],
  // A grid: the bits of its smallest binade, what makes a binade's bits its magic number or half a step, and bits to levels.
  ["min_field", "u32"],
  ["to_magic", "u32"],
  ["to_half", "u32"],
  ["to_level", "u32"],
  // The parity of a tie's level that is not right; 2 where ties are left open.
  ["even_parity", "u32"],
  ["magic", "f32"],
  ["half", "f32"],
  ["top", "f32"],
  ["bottom", "f32"],
  // Cells of a codebook.
  ["cells_per_unit", "f32"],
  ["cell_of_zero", "i32"],
  // Quotients that are too large for the filters, and those that no end is near.
  ["most_quotient", "f32"],
  ["sure_quotient", "f32"],
  // amax over divisor * 2^divisor_exponent; the divisor has 28 bits.
  ["divisor", "u32"],
  ["divisor_exponent", "i32"],
  ["divisor_inverse", "f32"],
  ["scale_mantissa", "i32"],
  ["scale_exponent", "i32"],
  ["scale_most", "u32"],
  ["bin_factor", "f32"],
  ["error_key", "u32"],
  // Zero, which compilers do not know.
  ["nothing", "u32"],
] as const;

/** What a text is made for. */
export interface LeanText {
  element: "float" | "integer" | "table";
  /** Whether all scales are powers of two. */
  powers: boolean;
  /** Whether neighbours share a counter: codes of four bits. */
  pairs: boolean;
  /** How results are formed. */
  products: "rounded" | "integers";
  /** Threads of a subgroup that are neighbours in the workgroup, or 1 where that is not known. */
  subgroup: number;
}

const each = <T>(items: readonly T[], text: (item: T) => string) => items.map(text).join("\n");
const fours = Array.from({ length: FOURS }, (_, k) => k);
const steps = Array.from({ length: Math.log2(ACROSS) }, (_, k) => 2 ** k);
const joined = (name: string, join: string) => fours.map((k) => name + k).reduce((a, b) => `${join}(${a}, ${b})`);
/** A sum of a power of two of terms with few roundings for each. */
const tree = (terms: string[]): string =>
  terms.length === 1
    ? terms[0]
    : `(${tree(terms.slice(0, terms.length / 2))} + ${tree(terms.slice(terms.length / 2))})`;
const anyOf = (text: (k: number) => string) => fours.map(text).join(" | ");

/** Joins what neighbours hold, over a power of two of threads; all of them get the result. */
const overThreads = (name: string, type: string, join: string, words: string, back: string, subgroup: number) => `
fn ${name}(thread: u32, own: ${type}, threads: u32) -> ${type} {
  var joined = own;
  ${each(steps, (step) =>
    step < subgroup
      ? `if (threads > ${step}u) { let other = subgroupShuffleXor(joined, ${step}u); joined = ${join}; }`
      : `if (threads > ${step}u) {
    workgroupBarrier();
    ${words}
    workgroupBarrier();
    let first = ${at.scratch}u + 3u * (thread ^ ${step}u);
    let other = ${back};
    joined = ${join};
  }`,
  )}
  return joined;
}`;

const neighbours = (subgroup: number) => `
fn scratch(thread: u32, k: u32, word: u32) { atomicStore(&pool[${at.scratch}u + 3u * thread + k], word); }
${overThreads(
  "most_of",
  "u32",
  "max(joined, other)",
  "scratch(thread, 0u, joined);",
  "atomicLoad(&pool[first])",
  subgroup,
)}
// Errors and signals.
${overThreads(
  "sums_of",
  "vec2<f32>",
  "joined + other",
  "scratch(thread, 0u, bitcast<u32>(joined.x)); scratch(thread, 1u, bitcast<u32>(joined.y));",
  "vec2<f32>(bitcast<f32>(atomicLoad(&pool[first])), bitcast<f32>(atomicLoad(&pool[first + 1u])))",
  subgroup,
)}`;

const filterOf = ({ element, powers }: LeanText) => {
  if (element === "table") return filterTableWgsl(at.cells);
  return (element === "float" ? filterFloatGridWgsl : filterIntegersWgsl)[Number(powers)];
};

/** Counting four codes, and adding what a workgroup counted to the totals. */
const codes = ({ element, pairs }: LeanText) => {
  const bits = pairs ? 4 : 9;
  const copies = pairs ? copied.pairs : copied.codes;
  const code =
    element === "table"
      ? "table[index].code & ~LEVEL_ODD"
      : element === "integer"
        ? "select(n, 0u - n, negative) & spec.code_mask"
        : "n + select(0u, select(spec.sign_code, spec.minus_zero, n == 0u), negative)";
  const count = (index: string) =>
    `atomicAdd(&pool[${at.codes}u + (${index}) * ${copies}u + (thread & ${copies - 1}u)], 1u);`;
  return `
const SIGN_SHIFT = ${bits - 1}u;
fn count_codes(index: vec4<u32>, thread: u32) {
  ${
    pairs
      ? each(["index.x * 16u + index.y", "index.z * 16u + index.w"], count)
      : each(["index.x", "index.y", "index.z", "index.w"], count)
  }
}
fn add_code(index: u32, count: u32) {
  if (count == 0u) { return; }
  let n = index & ${(1 << (bits - 1)) - 1}u;
  let negative = (index >> SIGN_SHIFT) == 1u;
  atomicAdd(&counts[${LEAN_COUNTS}u + (${code})], count);
  if (${element === "table" ? "is_zero(table[index].value)" : "n == 0u"}) { atomicAdd(&counts[${MEASURE_WORDS + 1}u], count); }
}
fn add_codes(thread: u32) {
  ${
    pairs
      ? `if (thread < 32u) {
    // As the first of two, or as the second.
    var count = 0u;
    for (var other = 0u; other < 16u; other++) {
      let pair = select((thread & 15u) * 16u + other, other * 16u + (thread & 15u), thread >= 16u);
      count += counted(${at.codes}u + pair * ${copies}u, ${copies}u);
    }
    add_code(thread & 15u, count);
  }`
      : `for (var index = thread; index < 512u; index += ${THREADS}u) {
    add_code(index, counted(${at.codes}u + index * ${copies}u, ${copies}u));
  }`
  }
}`;
};

/** What the k-th four of a thread's row add. */
const measureFour = (k: number) => `
    if (inside) {
      let found = quantize(x${k}, lane);
      let own = magnitude_of(x${k});
      let error = abs(exact_difference(own, found.size));
      let bits = bitcast<vec4<u32>>(error);
      let tiny = bits - vec4<u32>(1u) < vec4<u32>(least_error);
      if (!lane.usable || any(found.open | tiny)) {
        leave_open(place + ${k}u, scale);
      } else {
        settled++;
        count_codes(found.index, thread);
        let key = max(bits >> vec4<u32>(21u), vec4<u32>(lean.error_key)) - vec4<u32>(lean.error_key);
        let slot = key * ${copied.errors}u + vec4<u32>(errors_at);
        atomicAdd(&pool[slot.x], 1u);
        atomicAdd(&pool[slot.y], 1u);
        atomicAdd(&pool[slot.z], 1u);
        atomicAdd(&pool[slot.w], 1u);
        let bin = vec4<i32>(floor(exact_product(x${k}, lean.bin_factor))) * ${copied.values} + vec4<i32>(values_at);
        atomicAdd(&pool[bin.x], 1u);
        atomicAdd(&pool[bin.y], 1u);
        atomicAdd(&pool[bin.z], 1u);
        atomicAdd(&pool[bin.w], 1u);
        if (small) { zeros += count_of(x${k} == vec4<f32>()); }
        if (largest > min(lane.high, lane.low)) {
          let ends = select(vec4<u32>(lane.high), vec4<u32>(lane.low), x${k} < vec4<f32>());
          saturated += count_of((bitcast<vec4<u32>>(x${k}) & vec4<u32>(MAGNITUDE)) > ends);
        }
        col_error${k} = float_add_product(error, error, col_error${k});
        col_signal${k} = float_add_product(own, own, col_signal${k});
        col_most${k} = max(col_most${k}, error);
        row_error = float_add_product(error, error, row_error);
        row_signal = float_add_product(own, own, row_signal);
        row_most = max(row_most, error);
        row_dot = float_add_product(own, found.size, row_dot);
        row_energy = float_add_product(found.size, found.size, row_energy);
        row_absolute = float_add(row_absolute, error);
      }
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
const THREADS = ${THREADS}u;
${specWgsl}
${struct("Lean", leanFields)}
struct Level { value: u32, code: u32, more: array<u32, ${LEVEL_WORDS - 2}> }
const LEVEL_ODD = 0x80000000u;
@group(0) @binding(0) var<uniform> spec: Spec;
@group(0) @binding(1) var<uniform> piece: Piece;
@group(0) @binding(2) var<uniform> lean: Lean;
@group(0) @binding(3) var<storage, read> input: array<vec4<f32>>;
// Scales in force by block, or largest magnitudes.
@group(0) @binding(4) var<storage, read> scales: array<u32>;
@group(0) @binding(5) var<storage, read> table: array<Level>;
@group(0) @binding(6) var<storage, read> bands: array<vec2<u32>>;
// Steps of the scales, then scales by rank, then cells of a codebook.
@group(0) @binding(7) var<storage, read> lookup: array<vec2<u32>>;
@group(0) @binding(8) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(9) var<storage, read_write> out: array<u32>;
// How many fours are open, then where each is and its scale.
@group(0) @binding(10) var<storage, read_write> open: array<atomic<u32>>;
var<workgroup> pool: array<atomic<u32>, ${POOL}>;
${exactWgsl}
${filterFloatsWgsl}
${leanScaleWgsl}
${productsWgsl[text.products]}
${codes(text)}
${filterOf(text)}
${neighbours(text.subgroup)}

// Moderate magnitudes, whose squares stay normal and those of what they differ by.
const LEAST_MODERATE = 89u << 23u;
const MOST_MODERATE = 165u << 23u;

fn leave_open(four: u32, scale: u32) {
  let k = atomicAdd(&open[0], 1u);
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

fn first_block(row: u32) -> u32 {
  if (piece.block_rows == 1u) { return row * piece.blocks_across; }
  return ((piece.row_in_block + row) / piece.block_rows) * piece.blocks_across;
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  // All texts bind the same.
  _ = &table;
  prepare_levels(thread);
  workgroupBarrier();
  let index = group.y * groups.x + group.x;
  let first_band = (index / lean.chunks) * ${LEAN_BANDS}u;
  let beside = thread % ${ACROSS}u;
  let col = ((index % lean.chunks) * ${ACROSS}u + beside) * ${LEAN_VALUES}u;
  let band = first_band + thread / ${ACROSS}u;
  let block_col = col / piece.block_cols;
  var span = vec2<u32>();
  if (band < lean.bands) { span = bands[band]; }
  let least_error = ((lean.error_key + 1u) << 21u) - 1u;
  let errors_at = ${at.errors}u + (thread & ${copied.errors - 1}u);
  let values_at = i32(${at.values}u + ${(copied.values * VALUE_BINS) / 2}u + (thread & ${copied.values - 1}u));
  ${each(fours, (k) => `var col_error${k} = vec4<f32>(); var col_signal${k} = vec4<f32>(); var col_most${k} = vec4<f32>();`)}
  var dot = 0.0;
  var energy = 0.0;
  var absolute = 0.0;
  var settled = 0u;
  var zeros = 0u;
  var saturated = 0u;
  for (var r = 0u; r < lean.band_rows; r++) {
    let row = span.x + r;
    let inside = row < span.y && col < lean.cols;
    let place = (row * lean.cols + col) / 4u;
    ${each(fours, (k) => `var x${k} = vec4<f32>();`)}
    if (inside) {
      ${each(fours, (k) => `x${k} = input[place + ${k}u];`)}
    }
    ${each(fours, (k) => `let size${k} = bitcast<vec4<u32>>(x${k}) & vec4<u32>(MAGNITUDE);`)}
    let largest = most_within(${joined("size", "max")});
    let least = least_within(${joined("size", "min")});
    let small = least < LEAST_MODERATE;
    var usable = largest <= MOST_MODERATE;
    if (small) {
      let few = vec4<u32>(LEAST_MODERATE - 1u);
      let one = vec4<u32>(1u);
      if (any(${anyOf((k) => `(size${k} - one < few)`)})) { usable = false; }
    }
    var lane = Lane(true, 1.0, 1.0, MAGNITUDE, MAGNITUDE);
    var scale = 0x3f800000u;
    if (lean.scale_from == ${SCALE_FROM.one}u) {
      lane = with_ends(scale, 1.0, largest);
    } else if (lean.scale_from == ${SCALE_FROM.given}u) {
      if (inside) {
        scale = scales[first_block(row) + block_col];
        lane = lane_of(scale, largest);
      }
    } else {
      var amax = largest;
      if (largest >= INFINITY_BITS) {
        ${each(fours, (k) => `let finite${k} = finite_ones(size${k});`)}
        amax = most_within(${joined("finite", "max")});
      }
      var owner = beside % lean.block_threads == 0u;
      if (lean.scale_from == ${SCALE_FROM.ownAmax}u) {
        amax = most_of(thread, amax, lean.block_threads);
      } else if (inside) {
        let block = first_block(row) + block_col;
        amax = scales[block];
        owner = col == block_col * piece.block_cols;
      }
      let block = find_scale(amax, largest);
      lane = block.lane;
      scale = bitcast<u32>(lane.scale);
      if (lean.by_steps == 1u) { scale = lookup[lean.ranks_at + block.rank].x; } else { scale = block.stored; }
      if (inside && owner) {
        if (lean.by_steps == 1u) { atomicAdd(&pool[${at.ranks}u + block.rank], 1u); }
        else {
          out[lean.stored_at + first_block(row) + block_col] = block.stored;
          if (block.stored == 0u && amax != 0u) { atomicAdd(&open[1], 1u); }
        }
      }
    }
    lane.usable = lane.usable && usable;
    var row_error = vec4<f32>();
    var row_signal = vec4<f32>();
    var row_most = vec4<f32>();
    var row_dot = vec4<f32>();
    var row_energy = vec4<f32>();
    var row_absolute = vec4<f32>();
    ${each(fours, measureFour)}
    dot += sum_within(row_dot);
    energy += sum_within(row_energy);
    absolute += sum_within(row_absolute);
    let of_segment = sums_of(thread, vec2<f32>(sum_within(row_error), sum_within(row_signal)), lean.segment_threads);
    let most = most_of(thread, most_within(bitcast<vec4<u32>>(row_most)), lean.segment_threads);
    if (inside && beside % lean.segment_threads == 0u) {
      let at = row * lean.across + col / (${LEAN_VALUES}u * lean.segment_threads);
      let apart = lean.rows * lean.across;
      out[at] = bitcast<u32>(of_segment.x);
      out[at + apart] = bitcast<u32>(of_segment.y);
      out[at + 2u * apart] = most;
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
    let n = counted(${at.values}u + bin * ${copied.values}u, ${copied.values}u);
    if (n > 0u) { atomicAdd(&counts[${MEASURE_COUNTS}u + bin], n); }
  }
  if (thread < ${ERROR_KEYS}u) {
    let n = counted(${at.errors}u + thread * ${copied.errors}u, ${copied.errors}u);
    let key = ${MEASURE_COUNTS + VALUE_BINS}u + lean.error_key + thread;
    if (n > 0u) { atomicAdd(&counts[select(key, 3u, thread == 0u)], n); }
  }
  if (lean.by_steps == 1u && thread < ${MOST_RANKS}u) {
    let n = atomicLoad(&pool[${at.ranks}u + thread]);
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
  atomicStore(&pool[4u * THREADS + thread], saturated);
  atomicStore(&pool[5u * THREADS + thread], zeros);
  workgroupBarrier();
  if (thread < ${3 * LEAN_SUMS}u) {
    let kind = thread / ${LEAN_SUMS}u;
    let sum = tree_sum(kind * THREADS + thread % ${LEAN_SUMS}u, ${LEAN_SUMS}u);
    out[lean.sums_at + (index * 3u + kind) * ${LEAN_SUMS}u + thread % ${LEAN_SUMS}u] = bitcast<u32>(sum);
  } else if (thread >= 128u && thread < 131u) {
    var sum = 0u;
    for (var k = 0u; k < THREADS; k++) { sum += atomicLoad(&pool[(thread - 125u) * THREADS + k]); }
    if (thread == 128u) { atomicAdd(&counts[0], sum); }
    else if (thread == 129u) { atomicAdd(&counts[${MEASURE_WORDS}u], sum); }
    // Zeros have the code of zero and yet are not flushed.
    else { atomicAdd(&counts[${MEASURE_WORDS + 1}u], 0u - sum); }
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
