// What happened to a segment: sums, histograms, profiles. e = fl32(x - y). Values, results and errors are multiplied by a
// power of two before they are summed: squares and products are float32 where that loses none, else float64.
import { Field } from "../fields";
import { tally } from "./count";
import {
  COL_ERROR, COL_MAX, COL_SIGNAL, SUM_ABS, SUM_BROKEN, SUM_COUNT, SUM_DOT, SUM_ENERGY, SUM_NONFINITE,
  SUM_ZERO_ERRORS, addSum, address, field, int,
} from "./memory";

/** A second table of values and of error keys: neighbours count in different ones, so that none waits for the other. */
const VALUES_2: usize = memory.data(4 * 512, 16);
const ERRORS_2: usize = memory.data(4 * 1025, 16);
/** First entry: errors of zero; then one for each key. */
const ERRORS_1: usize = memory.data(4 * 1025, 16);
const VALUES_1: usize = memory.data(4 * 512, 16);

/** Sums of the run at hand that came element by element. */
let runError: f64 = 0;
let runSignal: f64 = 0;
let runMax: f32 = 0;

/** Puts x in its bins and everything else in its sums, element by element, in float64. `col` is the column of the first. */
function accumulateCarefully(x: usize, y: usize, n: i32, row: i32, col: i32): void {
  const scale = field(Field.termScale);
  const unit = scale * scale;
  const toBin = field(Field.toBin) * scale;
  const values = address(Field.valueCounts);
  const errors = address(Field.errorCounts);
  const colStep = int(Field.colStep);
  const cellCols = int(Field.cellCols);
  const mapRow = (int(Field.tileRow0) + row) / int(Field.cellRows) - int(Field.mapRow0);
  const mapBase = mapRow * int(Field.mapCols);
  const colError = address(Field.colError);
  const colSignal = address(Field.colSignal);
  const colMax = address(Field.colMax);
  const mapError = address(Field.mapError);
  const mapSignal = address(Field.mapSignal);
  for (let i = 0; i < n; i++) {
    const a32 = load<f32>(x + ((<usize>i) << 2));
    const b32 = load<f32>(y + ((<usize>i) << 2));
    if (a32 - a32 != 0) {
      addSum(SUM_NONFINITE, 1);
      continue;
    }
    addSum(SUM_COUNT, 1);
    const bin = <i32>Math.floor(<f64>a32 * toBin) + 256;
    if (bin >= 0 && bin < 512) tally(values, (<usize>bin) << 2);
    const e = a32 - b32;
    if (e - e != 0) {
      addSum(SUM_BROKEN, 1);
      continue;
    }
    const xx = <f64>a32 * <f64>a32 * unit;
    const ee = <f64>e * <f64>e * unit;
    const m = Mathf.abs(e);
    addSum(SUM_DOT, <f64>a32 * <f64>b32 * unit);
    addSum(SUM_ENERGY, <f64>b32 * <f64>b32 * unit);
    addSum(SUM_ABS, <f64>m * scale);
    if (m == 0) addSum(SUM_ZERO_ERRORS, 1);
    else tally(errors, (<usize>(reinterpret<u32>(m) >> 21)) << 2);
    runError += ee;
    runSignal += xx;
    if (m > runMax) runMax = m;
    const entry = (<usize>((col + i) / colStep)) << 3;
    store<f64>(colError + entry, load<f64>(colError + entry) + ee);
    store<f64>(colSignal + entry, load<f64>(colSignal + entry) + xx);
    const top = colMax + (entry >> 1);
    if (m > load<f32>(top)) store<f32>(top, m);
    const cell = (<usize>(mapBase + (col + i) / cellCols)) << 3;
    store<f64>(mapError + cell, load<f64>(mapError + cell) + ee);
    store<f64>(mapSignal + cell, load<f64>(mapSignal + cell) + xx);
  }
}

/** Whether any of n values of x or y is NaN or Inf. */
export function anyNonFinite(x: usize, y: usize, n: i32): bool {
  const magnitude = i32x4.splat(0x7fffffff);
  let most = i32x4.splat(0);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  for (const whole = end & ~15; i < whole; i += 16) {
    most = i32x4.max_s(most, v128.and(v128.load(x + i), magnitude));
    most = i32x4.max_s(most, v128.and(v128.load(y + i), magnitude));
  }
  if (v128.any_true(i32x4.gt_s(most, i32x4.splat(0x7f7fffff)))) return true;
  for (; i < end; i += 4) {
    const a = load<f32>(x + i);
    const b = load<f32>(y + i);
    if (a - a != 0 || b - b != 0) return true;
  }
  return false;
}

/** Twice the bits of four magnitudes, less one: zeros come last. */
// @ts-ignore: decorator
@inline function fromOne(x: usize): v128 {
  return i32x4.sub(i32x4.shl(v128.load(x), 1), i32x4.splat(1));
}

/** Whether any of n values is not zero and yet too small to be summed in float32. */
export function anyFaint(x: usize, n: i32): bool {
  const least = int(Field.leastSummed);
  if (least <= 1) return false;
  let first = i32x4.splat(-1);
  let second = first;
  const end = (<usize>n) << 2;
  let i: usize = 0;
  for (const whole = end & ~63; i < whole; i += 64) {
    first = i32x4.min_u(first, i32x4.min_u(fromOne(x + i), fromOne(x + i + 16)));
    second = i32x4.min_u(second, i32x4.min_u(fromOne(x + i + 32), fromOne(x + i + 48)));
  }
  if (v128.any_true(i32x4.lt_u(i32x4.min_u(first, second), i32x4.splat((least << 1) - 1)))) return true;
  for (; i < end; i += 4) {
    if (<u32>((load<i32>(x + i) & 0x7fffffff) - 1) < <u32>(least - 1)) return true;
  }
  return false;
}

/**
 * Adds n elements of a row. `block` and `first` are the block of the first element and what is left of it; `row` and
 * `col` count from the tile's first row and the matrix' first column. Where all values are finite and of a size for
 * float32 sums, four products a lane are added in float32, then in float64.
 */
export function accumulateSegment(
  x: usize, y: usize, n: i32, row: i32, col: i32, block: i32, run: i32, first: i32, careful: bool,
): void {
  if (field(Field.termScale) == 1) accumulate(x, y, n, row, col, block, run, first, careful, false);
  else accumulate(x, y, n, row, col, block, run, first, careful, true);
}

/** The same, with and without scaling. */
// @ts-ignore: decorator
@inline function accumulate(
  x: usize, y: usize, n: i32, row: i32, col: i32, block: i32, run: i32, first: i32, careful: bool, scaled: bool,
): void {
  const scale = f32x4.splat(<f32>field(Field.termScale));
  const toBin = f32x4.splat(<f32>field(Field.toBin));
  const binBase = f32x4.splat(2097152 + 256);
  const binBits = i32x4.splat(0x7fc);
  const magnitude = i32x4.splat(0x7fffffff);
  const nothing = i32x4.splat(0);
  const perColumn = int(Field.perColumn) != 0;
  const blockStep = int(Field.blockStep);
  const firstBlock = int(Field.firstBlock);
  // The entry of the first block, counted from the tile's first, and how many blocks it still has room for.
  let entryAt = (<usize>((block + firstBlock) / blockStep - int(Field.firstEntry))) << 3;
  let room = blockStep - ((block + firstBlock) % blockStep);
  const blockError = address(Field.blockError);
  const blockSignal = address(Field.blockSignal);
  const blockMax = address(Field.blockMax);
  let absDot = f64x2.splat(0);
  let energies = f64x2.splat(0);
  let rowSums = f64x2.splat(0);
  let rowTop: f32 = 0;
  let counted = 0;
  const end = (<usize>n) << 2;
  let i: usize = 0;
  let stop: usize = min(end, (<usize>first) << 2);
  while (i < end) {
    const whole = careful ? i : i + ((stop - i) & ~15);
    counted += <i32>((whole - i) >> 2);
    let sums = f64x2.splat(0);
    let top = nothing;
    while (i < whole) {
      const to = min(i + 64, whole);
      let error = nothing;
      let signal = nothing;
      let abs = nothing;
      let dot = nothing;
      let energy = nothing;
      for (; i < to; i += 16) {
        const value = v128.load(x + i);
        const result = v128.load(y + i);
        const m = v128.and(f32x4.sub(value, result), magnitude);
        const a = scaled ? f32x4.mul(value, scale) : value;
        const b = scaled ? f32x4.mul(result, scale) : result;
        const e = scaled ? f32x4.mul(m, scale) : m;
        const xx = f32x4.mul(a, a);
        const ee = f32x4.mul(e, e);
        signal = f32x4.add(signal, xx);
        error = f32x4.add(error, ee);
        abs = f32x4.add(abs, e);
        dot = f32x4.add(dot, f32x4.mul(a, b));
        energy = f32x4.add(energy, f32x4.mul(b, b));
        top = i32x4.max_s(top, m);
        v128.store(COL_ERROR + i, f32x4.add(v128.load(COL_ERROR + i), ee));
        v128.store(COL_SIGNAL + i, f32x4.add(v128.load(COL_SIGNAL + i), xx));
        v128.store(COL_MAX + i, i32x4.max_s(v128.load(COL_MAX + i), m));
        // 2^21 leaves two bits below one: the low bits of the sum are the bin times four.
        const bins = v128.and(f32x4.add(f32x4.floor(f32x4.mul(a, toBin)), binBase), binBits);
        const keys = i32x4.shl(
          i32x4.add(i32x4.shr_u(m, 21), v128.andnot(i32x4.splat(1), i32x4.eq(m, nothing))),
          2,
        );
        tally(VALUES_1, i32x4.extract_lane(bins, 0));
        tally(VALUES_2, i32x4.extract_lane(bins, 1));
        tally(VALUES_1, i32x4.extract_lane(bins, 2));
        tally(VALUES_2, i32x4.extract_lane(bins, 3));
        tally(ERRORS_1, i32x4.extract_lane(keys, 0));
        tally(ERRORS_2, i32x4.extract_lane(keys, 1));
        tally(ERRORS_1, i32x4.extract_lane(keys, 2));
        tally(ERRORS_2, i32x4.extract_lane(keys, 3));
      }
      // Four sums of four lanes each, added by transposing.
      const es = f32x4.add(v128.shuffle<i32>(error, signal, 0, 1, 4, 5), v128.shuffle<i32>(error, signal, 2, 3, 6, 7));
      const ad = f32x4.add(v128.shuffle<i32>(abs, dot, 0, 1, 4, 5), v128.shuffle<i32>(abs, dot, 2, 3, 6, 7));
      const all = f32x4.add(v128.shuffle<i32>(es, ad, 0, 2, 4, 6), v128.shuffle<i32>(es, ad, 1, 3, 5, 7));
      sums = f64x2.add(sums, f64x2.promote_low_f32x4(all));
      absDot = f64x2.add(absDot, f64x2.promote_low_f32x4(v128.shuffle<i64>(all, all, 1, 1)));
      energies = f64x2.add(
        energies,
        f64x2.promote_low_f32x4(f32x4.add(energy, v128.shuffle<i64>(energy, energy, 1, 0))),
      );
    }
    top = i32x4.max_s(top, v128.shuffle<i64>(top, top, 1, 0));
    // Magnitudes are in the same order as their bits.
    let runTop = reinterpret<f32>(max(i32x4.extract_lane(top, 0), i32x4.extract_lane(top, 1)));
    if (i < stop) {
      runError = 0;
      runSignal = 0;
      runMax = 0;
      const done = <i32>(i >> 2);
      accumulateCarefully(x + i, y + i, <i32>((stop - i) >> 2), row, col + done);
      sums = f64x2.add(sums, f64x2.replace_lane(f64x2.splat(runError), 1, runSignal));
      if (runMax > runTop) runTop = runMax;
    }
    if (!perColumn) {
      const at = entryAt;
      store<f64>(blockError + at, load<f64>(blockError + at) + f64x2.extract_lane(sums, 0));
      store<f64>(blockSignal + at, load<f64>(blockSignal + at) + f64x2.extract_lane(sums, 1));
      const most = blockMax + (at >> 1);
      if (runTop > load<f32>(most)) store<f32>(most, runTop);
    }
    rowSums = f64x2.add(rowSums, sums);
    if (runTop > rowTop) rowTop = runTop;
    i = stop;
    if (--room == 0) {
      entryAt += 8;
      room = blockStep;
    }
    stop = min(end, stop + ((<usize>run) << 2));
  }
  addSum(SUM_COUNT, counted);
  addSum(SUM_ABS, f64x2.extract_lane(absDot, 0));
  addSum(SUM_DOT, f64x2.extract_lane(absDot, 1));
  addSum(SUM_ENERGY, f64x2.extract_lane(energies, 0) + f64x2.extract_lane(energies, 1));
  const entry = ((int(Field.tileRow0) + row) / int(Field.rowStep) - int(Field.firstRowEntry)) << 3;
  const atError = address(Field.rowError) + entry;
  const atSignal = address(Field.rowSignal) + entry;
  const atMax = address(Field.rowMax) + (entry >> 1);
  store<f64>(atError, load<f64>(atError) + f64x2.extract_lane(rowSums, 0));
  store<f64>(atSignal, load<f64>(atSignal) + f64x2.extract_lane(rowSums, 1));
  if (rowTop > load<f32>(atMax)) store<f32>(atMax, rowTop);
}

/** Adds the four float32 at `from` to four float64 at `to`. */
// @ts-ignore: decorator
@inline function addFour(from: usize, to: usize): void {
  const v = v128.load(from);
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(v)));
  const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
  v128.store(to, f64x2.add(v128.load(to, 16), high), 16);
}

/** Moves the column sums of a group of rows to the profile of columns. */
function flushProfile(n: i32, col: i32): void {
  const step = int(Field.colStep);
  const error = address(Field.colError);
  const signal = address(Field.colSignal);
  const most = address(Field.colMax);
  let i = 0;
  if (step == 1) {
    for (; i + 4 <= n; i += 4) {
      const at = (<usize>i) << 2;
      const to = (<usize>(col + i)) << 2;
      addFour(COL_ERROR + at, error + (to << 1));
      addFour(COL_SIGNAL + at, signal + (to << 1));
      // No magnitude is negative or NaN: as integers they are in the same order.
      v128.store(most + to, i32x4.max_s(v128.load(most + to), v128.load(COL_MAX + at)));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 2;
    const entry = (<usize>((col + i) / step)) << 3;
    store<f64>(error + entry, load<f64>(error + entry) + <f64>load<f32>(COL_ERROR + at));
    store<f64>(signal + entry, load<f64>(signal + entry) + <f64>load<f32>(COL_SIGNAL + at));
    const top = most + (entry >> 1);
    const m = load<f32>(COL_MAX + at);
    if (m > load<f32>(top)) store<f32>(top, m);
  }
}

/** The sum of the float32 from `at` to `end`, in float64. */
// @ts-ignore: decorator
@inline function sumOf(at: usize, end: usize): f64 {
  let sums = f64x2.splat(0);
  for (; at + 16 <= end; at += 16) {
    const v = v128.load(at);
    sums = f64x2.add(sums, f64x2.promote_low_f32x4(f32x4.add(v, v128.shuffle<i64>(v, v, 1, 0))));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; at < end; at += 4) sum += <f64>load<f32>(at);
  return sum;
}

/** Adds the column sums of a group of rows to the map. */
function flushMap(n: i32, row: i32, col: i32): void {
  const mapRow = (int(Field.tileRow0) + row) / int(Field.cellRows) - int(Field.mapRow0);
  const cellCols = int(Field.cellCols);
  const first = (<usize>(mapRow * int(Field.mapCols) + col / cellCols)) << 3;
  let error = address(Field.mapError) + first;
  let signal = address(Field.mapSignal) + first;
  let stop = min(n, cellCols - (col % cellCols));
  for (let i = 0; i < n; ) {
    const from = (<usize>i) << 2;
    const to = (<usize>stop) << 2;
    store<f64>(error, load<f64>(error) + sumOf(COL_ERROR + from, COL_ERROR + to));
    store<f64>(signal, load<f64>(signal) + sumOf(COL_SIGNAL + from, COL_SIGNAL + to));
    error += 8;
    signal += 8;
    i = stop;
    stop = min(n, stop + cellCols);
  }
}

/** Moves the column sums of a group of rows to the profile and the map, and clears them. `row` is one of the group's. */
export function flushColumns(n: i32, row: i32, col: i32): void {
  flushProfile(n, col);
  flushMap(n, row, col);
  const end = (<usize>n) << 2;
  const nothing = i32x4.splat(0);
  for (let i: usize = 0; i < end; i += 16) {
    v128.store(COL_ERROR + i, nothing);
    v128.store(COL_SIGNAL + i, nothing);
    v128.store(COL_MAX + i, nothing);
  }
}

/** Moves the counts of the inner tables to the configured ones and clears them. */
export function settleHistograms(): void {
  const values = address(Field.valueCounts);
  const errors = address(Field.errorCounts);
  for (let k: usize = 0; k < 512 * 4; k += 4) {
    store<u32>(values + k, load<u32>(values + k) + load<u32>(VALUES_1 + k) + load<u32>(VALUES_2 + k));
  }
  for (let k: usize = 0; k < 1024 * 4; k += 4) {
    store<u32>(errors + k, load<u32>(errors + k) + load<u32>(ERRORS_1 + k, 4) + load<u32>(ERRORS_2 + k, 4));
  }
  addSum(SUM_ZERO_ERRORS, <f64>load<u32>(ERRORS_1) + <f64>load<u32>(ERRORS_2));
  memory.fill(VALUES_1, 0, 4 * 512);
  memory.fill(VALUES_2, 0, 4 * 512);
  memory.fill(ERRORS_1, 0, 4 * 1025);
  memory.fill(ERRORS_2, 0, 4 * 1025);
}
