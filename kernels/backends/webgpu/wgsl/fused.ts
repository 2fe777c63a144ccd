import { VALUE_BINS } from "../../../report/bins.ts";
import { encodeElementWgsl } from "./encode-element.ts";
import { exactWgsl } from "./exact.ts";
import { floatsWgsl, lanesWgsl, nearbyInTableWgsl, nearbyOnGridWgsl } from "./nearby.ts";
import { quotientWgsl } from "./quotient.ts";
import { roundingWgsl } from "./rounding.ts";
import { specWgsl, struct } from "./spec.ts";
import { sumsWgsl } from "./sums.ts";
import { tallyWgsl } from "./tally.ts";
import { MEASURE_COUNTS, MEASURE_WORDS, termsWgsl } from "./terms.ts";
import { threefryWgsl } from "./threefry.ts";

const THREADS = 128;
/** Rows that are loaded together. */
const BATCH = 4;
/** Columns of a workgroup, the most rows of a band, and bands of a workgroup: fewer than 2^16 elements, for the tally. */
export const FUSED_COLS = 4 * THREADS;
export const BAND_ROWS = 16;
export const FUSED_BANDS = 4;

/** Words of the counts: those of a measurement, saturated, flushed, then the codes. */
export const FUSED_COUNTS = MEASURE_WORDS + 2;
const TALLIED = 256;

/** Sums of x^2, x*y, y^2 and |e|: this many groups of four a workgroup. */
export const FUSED_SUMS = 8;

/** Where things lie, for one dispatch. */
export const fusedFields = [
  ["rows", "u32"],
  ["cols", "u32"],
  ["bands", "u32"],
  // Stretches of FUSED_COLS columns.
  ["chunks", "u32"],
  // Threads of a segment: four elements each, a power of two.
  ["segment_threads", "u32"],
  // Segments of a row.
  ["across", "u32"],
  // Whether columns are summed over all bands of a workgroup, and fours of them stored by band for the map's cells.
  ["merged", "u32"],
  // Where columns, fours and sums begin in the output; segments begin at 0.
  ["cols_at", "u32"],
  ["fours_at", "u32"],
  ["sums_at", "u32"],
  // Whether floats may be tried first.
  ["fast", "u32"],
  // A grid: exponent field of its smallest binade. A table: the first stride of the search.
  ["min_field", "u32"],
  ["first_step", "u32"],
  ["square_factor", "f32"],
  ["magnitude_factor", "f32"],
  ["bin_factor", "f32"],
] as const;

/**
 * Quantizes and measures whole rows in one read: every count and histogram, sums of segments of each row, of columns
 * within bands of rows, and of everything. A thread takes four neighbours in each row of its bands. Elements that floats
 * cannot settle go through the exact integers of `encode-element.ts` and `terms.ts`, which then count them too.
 */
const fusedWgsl = (nearby: string) => /* wgsl */ `
const THREADS = ${THREADS}u;
${specWgsl}
${struct("Fused", fusedFields)}
@group(0) @binding(0) var<uniform> spec: Spec;
@group(0) @binding(1) var<uniform> piece: Piece;
@group(0) @binding(2) var<uniform> fused: Fused;
@group(0) @binding(3) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> scales: array<u32>;
@group(0) @binding(5) var<storage, read> zero_points: array<i32>;
@group(0) @binding(6) var<storage, read> table: array<Level>;
@group(0) @binding(7) var<storage, read> bands: array<vec2<u32>>;
@group(0) @binding(8) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(9) var<storage, read_write> out: array<u32>;
${exactWgsl}
${quotientWgsl}
${threefryWgsl}
${roundingWgsl}
${encodeElementWgsl}
${sumsWgsl}
${tallyWgsl(FUSED_COUNTS + TALLIED)}
${termsWgsl(`(${FUSED_COUNTS}u + spec.code_count)`)}
${floatsWgsl}
${lanesWgsl}
${nearby}

fn sum_of(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(float_sum(a.x, b.x), float_sum(a.y, b.y), float_sum(a.z, b.z), float_sum(a.w, b.w));
}
fn sum_within(a: vec4<f32>) -> f32 { return float_sum(float_sum(a.x, a.y), float_sum(a.z, a.w)); }
fn max_within(a: vec4<u32>) -> u32 { return max(max(a.x, a.y), max(a.z, a.w)); }

var<private> finite = 0u;
var<private> exact_results = 0u;
var<private> saturated = 0u;
var<private> flushed = 0u;

fn count_code(code: u32) {
  if (spec.code_count == 0u) { return; }
  if (spec.code_count <= ${TALLIED}u) { count_up(${FUSED_COUNTS}u + code); }
  else { atomicAdd(&counts[${FUSED_COUNTS}u + code], 1u); }
}

struct Measured { settled: bool, terms: Terms }

fn unsettled() -> Measured { return Measured(false, Terms()); }

fn try_floats(x: u32, lane: Lane) -> Measured {
  if (!lane.usable || x == SIGN || !is_moderate(x)) { return unsettled(); }
  let found = nearby(x, lane);
  let y = found.result;
  if (!found.certain) { return unsettled(); }
  let size = x & MAGNITUDE;
  let result = y & MAGNITUDE;
  // Neither is more than twice the other, or the result is zero: x - y is a float.
  let near = ((x ^ y) & SIGN) == 0u && size <= result + 0x800000u && result <= size + 0x800000u;
  if (result != 0u && !near) { return unsettled(); }
  let e = bitcast<u32>(exact_difference(bitcast<f32>(x), bitcast<f32>(y))) & MAGNITUDE;
  if (e - 1u < LEAST_MODERATE - 1u) { return unsettled(); }
  finite++;
  if (size > select(lane.high, lane.low, (x & SIGN) != 0u)) { saturated++; }
  if (found.zero && size != 0u) { flushed++; }
  count_code(found.code);
  count_up(${MEASURE_COUNTS}u + u32(i32(floor(bitcast<f32>(x) * fused.bin_factor)) + ${VALUE_BINS / 2}));
  if (e == 0u) { exact_results++; }
  else { count_up(${MEASURE_COUNTS + VALUE_BINS}u + (e >> 21u)); }
  // Powers of two scale without error; what is left are products, each rounded once.
  let a = bitcast<f32>(x) * fused.square_factor;
  let b = bitcast<f32>(y) * fused.square_factor;
  let d = bitcast<f32>(e) * fused.square_factor;
  return Measured(true, Terms(d * d, a * a, e, a * b, b * b, bitcast<f32>(e) * fused.magnitude_factor));
}

fn settle(x: u32, scale: u32, zero_point: i32, i: u32) -> Terms {
  let low = piece.index_low + i;
  let encoded = encode(x, scale, zero_point, vec2<u32>(low, piece.index_high + select(0u, 1u, low < i)));
  saturated += encoded.saturated;
  flushed += encoded.flushed;
  if (is_finite(x)) { count_code(encoded.code); }
  return terms_of(x, encoded.result, i);
}

// What four neighbours add, and sums of theirs: of a row in a batch of rows.
struct Four { error: vec4<f32>, signal: vec4<f32>, magnitude: vec4<u32>, sums: vec4<f32>, open: u32 }

fn sums_in(t: Terms) -> vec4<f32> { return vec4<f32>(t.signal, t.dot, t.energy, t.absolute); }

fn four(x: vec4<u32>, scale: u32) -> Four {
  let lane = lane_of(scale);
  let a = try_floats(x.x, lane);
  let b = try_floats(x.y, lane);
  let c = try_floats(x.z, lane);
  let d = try_floats(x.w, lane);
  return Four(
    vec4<f32>(a.terms.error, b.terms.error, c.terms.error, d.terms.error),
    vec4<f32>(a.terms.signal, b.terms.signal, c.terms.signal, d.terms.signal),
    vec4<u32>(a.terms.magnitude, b.terms.magnitude, c.terms.magnitude, d.terms.magnitude),
    sum_of(sum_of(sums_in(a.terms), sums_in(b.terms)), sum_of(sums_in(c.terms), sums_in(d.terms))),
    select(1u, 0u, a.settled) | select(2u, 0u, b.settled) | select(4u, 0u, c.settled) | select(8u, 0u, d.settled));
}

var<workgroup> errors: array<vec4<f32>, ${THREADS}>;
var<workgroup> signals: array<vec4<f32>, ${THREADS}>;
var<workgroup> magnitudes: array<vec4<u32>, ${THREADS}>;

fn block_row(row: u32) -> u32 {
  if (piece.block_rows == 1u) { return row * piece.blocks_across; }
  return ((piece.row_in_block + row) / piece.block_rows) * piece.blocks_across;
}

// Adds up each segment of a batch of rows, one in each component, over its threads.
fn store_segments(thread: u32, col: u32, row: u32, end: u32) {
  let within = thread & (fused.segment_threads - 1u);
  for (var half = fused.segment_threads >> 1u; half > 0u; half = half >> 1u) {
    workgroupBarrier();
    if (within < half) {
      errors[thread] = sum_of(errors[thread], errors[thread + half]);
      signals[thread] = sum_of(signals[thread], signals[thread + half]);
      magnitudes[thread] = max(magnitudes[thread], magnitudes[thread + half]);
    }
  }
  if (within == 0u && col < fused.cols) {
    let apart = fused.rows * fused.across;
    for (var j = 0u; j < min(${BATCH}u, end - row); j++) {
      let at = (row + j) * fused.across + col / (4u * fused.segment_threads);
      out[at] = bitcast<u32>(errors[thread][j]);
      out[at + apart] = bitcast<u32>(signals[thread][j]);
      out[at + 2u * apart] = magnitudes[thread][j];
    }
  }
}

// Four columns of a band together.
fn store_four(band: u32, col: u32, error: vec4<f32>, signal: vec4<f32>) {
  if (col >= fused.cols) { return; }
  let at = fused.fours_at + (band * 2u * fused.cols + col) / 4u;
  out[at] = bitcast<u32>(sum_within(error));
  out[at + fused.cols / 4u] = bitcast<u32>(sum_within(signal));
}

fn store_columns(band: u32, col: u32, error: vec4<f32>, signal: vec4<f32>, magnitude: vec4<u32>) {
  if (col >= fused.cols) { return; }
  for (var c = 0u; c < 4u; c++) {
    let at = fused.cols_at + band * 3u * fused.cols + col + c;
    out[at] = bitcast<u32>(error[c]);
    out[at + fused.cols] = bitcast<u32>(signal[c]);
    out[at + 2u * fused.cols] = magnitude[c];
  }
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  prepare_levels(thread);
  workgroupBarrier();
  let index = group.y * groups.x + group.x;
  let first_band = (index / fused.chunks) * ${FUSED_BANDS}u;
  let col = (index % fused.chunks) * ${FUSED_COLS}u + thread * 4u;
  let stride = fused.cols / 4u;
  let block_col = col / piece.block_cols;
  var sums = vec4<f32>();
  var all_error = vec4<f32>();
  var all_signal = vec4<f32>();
  var all_magnitude = vec4<u32>();
  for (var band = first_band; band < min(first_band + ${FUSED_BANDS}u, fused.bands); band++) {
    let span = bands[band];
    var col_error = vec4<f32>();
    var col_signal = vec4<f32>();
    var col_magnitude = vec4<u32>();
    var band_sums = vec4<f32>();
    for (var row = span.x; row < span.y; row += ${BATCH}u) {
      var open = 0u;
      var error = vec4<f32>();
      var signal = vec4<f32>();
      var magnitude = vec4<u32>();
      var batch_sums = vec4<f32>();
      var row_errors = vec4<f32>();
      var row_signals = vec4<f32>();
      var row_magnitudes = vec4<u32>();
      if (col < fused.cols) {
        let end = min(row + ${BATCH}u, span.y);
        // The next row is on its way while this one is worked on.
        var ahead = input[row * stride + col / 4u];
        var ahead_scale = scales[block_row(row) + block_col];
        for (var r = row; r < end; r++) {
          let x = ahead;
          let scale = ahead_scale;
          let next = min(r + 1u, end - 1u);
          ahead = input[next * stride + col / 4u];
          ahead_scale = scales[block_row(next) + block_col];
          let f = four(x, scale);
          error = sum_of(error, f.error);
          signal = sum_of(signal, f.signal);
          magnitude = max(magnitude, f.magnitude);
          batch_sums = sum_of(batch_sums, f.sums);
          let there = vec4<u32>(r - row) == vec4<u32>(0u, 1u, 2u, 3u);
          row_errors = select(row_errors, vec4<f32>(sum_within(f.error)), there);
          row_signals = select(row_signals, vec4<f32>(sum_within(f.signal)), there);
          row_magnitudes = select(row_magnitudes, vec4<u32>(max_within(f.magnitude)), there);
          open |= f.open << (4u * (r - row));
        }
      }
      // Summed by rows, as the others are.
      var late = vec4<f32>();
      while (open != 0u) {
        let next = firstTrailingBit(open);
        open &= open - 1u;
        let in_row = next >> 2u;
        let block = block_row(row + in_row) + block_col;
        var zero_point = 0;
        if (spec.affine == 1u) { zero_point = zero_points[block]; }
        let i = (row + in_row) * fused.cols + col + (next & 3u);
        let t = settle(input[i >> 2u][next & 3u], scales[block], zero_point, i);
        let here = vec4<u32>(next & 3u) == vec4<u32>(0u, 1u, 2u, 3u);
        let there = vec4<u32>(in_row) == vec4<u32>(0u, 1u, 2u, 3u);
        let none = vec4<f32>();
        error = sum_of(error, select(none, vec4<f32>(t.error), here));
        signal = sum_of(signal, select(none, vec4<f32>(t.signal), here));
        magnitude = max(magnitude, select(vec4<u32>(), vec4<u32>(t.magnitude), here));
        late = sum_of(late, sums_in(t));
        if ((open & (15u << (4u * in_row))) == 0u) {
          batch_sums = sum_of(batch_sums, late);
          late = vec4<f32>();
        }
        row_errors = sum_of(row_errors, select(none, vec4<f32>(t.error), there));
        row_signals = sum_of(row_signals, select(none, vec4<f32>(t.signal), there));
        row_magnitudes = max(row_magnitudes, select(vec4<u32>(), vec4<u32>(t.magnitude), there));
      }
      col_error = sum_of(col_error, error);
      col_signal = sum_of(col_signal, signal);
      col_magnitude = max(col_magnitude, magnitude);
      band_sums = sum_of(band_sums, batch_sums);
      workgroupBarrier();
      errors[thread] = row_errors;
      signals[thread] = row_signals;
      magnitudes[thread] = row_magnitudes;
      store_segments(thread, col, row, span.y);
    }
    if (fused.merged == 1u) {
      all_error = sum_of(all_error, col_error);
      all_signal = sum_of(all_signal, col_signal);
      all_magnitude = max(all_magnitude, col_magnitude);
      store_four(band, col, col_error, col_signal);
    } else {
      store_columns(band, col, col_error, col_signal, col_magnitude);
    }
    sums = sum_of(sums, band_sums);
  }
  if (fused.merged == 1u && first_band < fused.bands) {
    store_columns(first_band / ${FUSED_BANDS}u, col, all_error, all_signal, all_magnitude);
  }
  workgroupBarrier();
  errors[thread] = sums;
  for (var half = ${THREADS / 2}u; half >= ${FUSED_SUMS}u; half = half >> 1u) {
    workgroupBarrier();
    if (thread < half) { errors[thread] = sum_of(errors[thread], errors[thread + half]); }
  }
  if (thread < ${FUSED_SUMS}u && first_band < fused.bands) {
    let at = fused.sums_at + (index * ${FUSED_SUMS}u + thread) * 4u;
    for (var k = 0u; k < 4u; k++) { out[at + k] = bitcast<u32>(errors[thread][k]); }
  }
  if (finite > 0u) { add_up(0u, finite); }
  if (exact_results > 0u) { add_up(3u, exact_results); }
  if (saturated > 0u) { add_up(${MEASURE_WORDS}u, saturated); }
  if (flushed > 0u) { add_up(${MEASURE_WORDS + 1}u, flushed); }
  workgroupBarrier();
  let tallied = ${FUSED_COUNTS}u + select(0u, spec.code_count, spec.code_count <= ${TALLIED}u);
  for (var k = thread; k < tallied; k += THREADS) {
    let n = counted(k);
    if (n > 0u) { atomicAdd(&counts[k], n); }
  }
}
`;

export const fusedGridWgsl = fusedWgsl(nearbyOnGridWgsl);
export const fusedTableWgsl = fusedWgsl(nearbyInTableWgsl);
