import { LOG_KEYS, VALUE_BINS } from "../../report/bins.ts";

/** Words of the counts: finite values, non-finite values, broken results, zero errors, then the two histograms. */
export const MEASURE_COUNTS = 4;
export const MEASURE_WORDS = MEASURE_COUNTS + VALUE_BINS + LOG_KEYS;

/**
 * What one element adds to a report, by the rules of `reference/accumulate.ts`, on integers throughout. Needs the uniform
 * `piece`, the exact arithmetic, and counters through `count_up`.
 */
export const termsWgsl = /* wgsl */ `
fn square_term(a: u32, b: u32) -> u32 {
  return scaled_float(product(unpack(a), unpack(b)), piece.square_shift);
}

// floor(x * 2^(8 - value_exponent)) + ${VALUE_BINS / 2}, for |x| < 2^value_exponent.
fn value_bin(x: u32) -> u32 {
  let p = unpack(x);
  let drop = u32(clamp(15 + piece.value_exponent - p.exponent, 0, 31));
  let whole = p.significand >> drop;
  let cut = (whole << drop) != p.significand;
  if (p.negative) { return ${VALUE_BINS / 2}u - whole - select(0u, 1u, cut); }
  return ${VALUE_BINS / 2}u + whole;
}

// Scaled e^2 and x^2, |e| itself, scaled x*y, y^2 and |e|; zeros where value or error is not finite.
struct Terms { error: f32, signal: f32, magnitude: u32, dot: f32, energy: f32, absolute: f32 }

fn terms_of(x: u32, y: u32) -> Terms {
  if (!is_finite(x)) {
    count_up(1u);
    return Terms();
  }
  count_up(0u);
  count_up(${MEASURE_COUNTS}u + value_bin(x));
  let e = select(INFINITY_BITS, distance_between(x, y), is_finite(y));
  if (!is_finite(e)) {
    count_up(2u);
    return Terms();
  }
  if (e == 0u) { count_up(3u); }
  else { count_up(${MEASURE_COUNTS + VALUE_BINS}u + (e >> 21u)); }
  return Terms(bitcast<f32>(square_term(e, e)), bitcast<f32>(square_term(x, x)), e, bitcast<f32>(square_term(x, y)),
               bitcast<f32>(square_term(y, y)), bitcast<f32>(scaled_float(e, piece.magnitude_shift)));
}
`;
