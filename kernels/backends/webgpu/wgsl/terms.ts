import { LOG_KEYS, VALUE_BINS } from "../../../report/bins.ts";

/**
 * Words of the counts: finite values, non-finite values, broken results, zero errors, values with a term that float32
 * cannot hold (see `LOST_WORDS`), one that is not used (they are counted two by two); then the two histograms.
 */
export const MEASURE_COUNTS = 6;
export const MEASURE_WORDS = MEASURE_COUNTS + VALUE_BINS + LOG_KEYS;

/**
 * What one element counts in a report, by the rules of `reference/accumulate.ts`, on integers throughout. Needs the uniform
 * `piece`, the exact arithmetic, and counters through `count_up`.
 */
export const comparedWgsl = /* wgsl */ `
// floor(x * 2^(8 - value_exponent)) + ${VALUE_BINS / 2}, for |x| < 2^value_exponent.
fn value_bin(x: u32) -> u32 {
  let p = unpack(x);
  let drop = u32(clamp(15 + piece.value_exponent - p.exponent, 0, 31));
  let whole = p.significand >> drop;
  let cut = (whole << drop) != p.significand;
  if (p.negative) { return ${VALUE_BINS / 2}u - whole - select(0u, 1u, cut); }
  return ${VALUE_BINS / 2}u + whole;
}

// Counts a value and its result: |e|, not finite where the two are in no sum.
fn compared(x: u32, y: u32) -> u32 {
  if (!is_finite(x)) {
    count_up(1u);
    return INFINITY_BITS;
  }
  count_up(0u);
  count_up(${MEASURE_COUNTS}u + value_bin(x));
  let e = select(INFINITY_BITS, distance_between(x, y), is_finite(y));
  if (!is_finite(e)) {
    count_up(2u);
    return INFINITY_BITS;
  }
  if (e == 0u) { count_up(3u); }
  else { count_up(${MEASURE_COUNTS + VALUE_BINS}u + (e >> 21u)); }
  return e;
}
`;

/**
 * Values with terms that float32 cannot hold stand on a list at the end of the counts, for the processor to add: so many
 * fit, each by its place in the piece, itself and its result.
 */
export const LOST_CAPACITY = 1024;
const LOST_ENTRY = 3;
export const LOST_WORDS = LOST_ENTRY * LOST_CAPACITY;

/** The same, and what the element adds to sums; `lostAt` is where the list begins. */
export const termsWgsl = (lostAt: string) => /* wgsl */ `
${comparedWgsl}
// Scaled e^2 and x^2, |e| itself, scaled x*y, y^2 and |e|; zeros where value or error is not finite.
struct Terms { error: f32, signal: f32, magnitude: u32, dot: f32, energy: f32, absolute: f32 }

// Whether a scaled product is too small for a float that no GPU flushes.
fn is_lost(product: u32, a: u32, b: u32) -> bool {
  return (product & MAGNITUDE) < 0x800000u && !is_zero(a) && !is_zero(b);
}

fn keep_lost(x: u32, y: u32, i: u32) {
  let k = atomicAdd(&counts[4], 1u);
  if (k >= ${LOST_CAPACITY}u) { return; }
  let at = ${lostAt} + ${LOST_ENTRY}u * k;
  atomicStore(&counts[at], i);
  atomicStore(&counts[at + 1u], x);
  atomicStore(&counts[at + 2u], y);
}

// Of the i-th element of the piece.
fn terms_of(x: u32, y: u32, i: u32) -> Terms {
  let e = compared(x, y);
  if (!is_finite(e)) { return Terms(); }
  let value = unpack(x);
  let result = unpack(y);
  let distance = unpack(e);
  let error = scaled_product(distance, distance, piece.square_shift);
  let signal = scaled_product(value, value, piece.square_shift);
  let dot = scaled_product(value, result, piece.square_shift);
  let energy = scaled_product(result, result, piece.square_shift);
  if (is_lost(error, e, e) || is_lost(signal, x, x) || is_lost(dot, x, y) || is_lost(energy, y, y)) {
    keep_lost(x, y, i);
    return Terms(0.0, 0.0, e, 0.0, 0.0, 0.0);
  }
  return Terms(bitcast<f32>(error), bitcast<f32>(signal), e, bitcast<f32>(dot), bitcast<f32>(energy),
               bitcast<f32>(scaled_float(e, piece.magnitude_shift)));
}
`;
