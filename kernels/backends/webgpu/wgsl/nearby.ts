import { endsWgsl } from "./ends.ts";

/**
 * Levels found with floats, and whether they are certain. A quotient formed here may be off by 2^-21 of itself: 2.5 ulp
 * of the reciprocal and one of the product. Whatever lies within twice that of a decision is left to exact integers, and
 * so is everything that might be flushed or overflow. Results and thresholds are formed on integers here too.
 */
export const floatsWgsl = /* wgsl */ `
fn float_product(a: f32, b: f32) -> f32 { return a * b; }
fn float_reciprocal(a: f32) -> f32 { return 1.0 / a; }
// Only for differences that are floats: those no GPU may round.
fn exact_difference(a: f32, b: f32) -> f32 { return a - b; }
`;

/** The scale of a few neighbours and what follows from it. */
export const lanesWgsl = /* wgsl */ `
const NEAR = 0x1p-20f;

// inverse: about 1 / scale. high, low: magnitudes above which positive and negative values lie beyond the ends.
struct Lane { usable: bool, scale: u32, inverse: f32, exponent: i32, significand: u32, high: u32, low: u32 }

const LEAST_MODERATE = 64u << 23u;

// A magnitude that is zero or between 2^-63 and 2^63: squares, quotients and differences of such stay normal.
fn is_moderate(bits: u32) -> bool {
  let size = bits & MAGNITUDE;
  return size == 0u || (size >> 23u) - 64u < 127u;
}

${endsWgsl}
fn lane_of(scale: u32) -> Lane {
  // Negative scales have a field beyond all others.
  if (fused.fast == 0u || (scale >> 23u) - 64u >= 127u) { return Lane(false, scale, 0.0, 0, 0u, 0u, 0u); }
  let parts = unpack(scale);
  let inverse = float_reciprocal(bitcast<f32>(scale));
  let high = end_times(bitcast<u32>(spec.high_end), parts);
  var low = high;
  if (((spec.high_end ^ spec.low_end) & 0x7fffffff) != 0) { low = end_times(bitcast<u32>(spec.low_end), parts); }
  return Lane(true, scale, inverse, parts.exponent, parts.significand, high, low);
}

struct Nearby { certain: bool, zero: bool, code: u32, result: u32 }
`;

/** Floats and symmetric integers with at most eight bits of significand. */
export const nearbyOnGridWgsl = /* wgsl */ `
// fl32(m * 2^unit * scale) for 0 < m < 2^8.
fn small_product(m: u32, unit: i32, lane: Lane) -> u32 {
  let exact = m * lane.significand;
  let lead = countLeadingZeros(exact);
  let top = exact << lead;
  let kept = top >> 8u;
  let rest = top & 0xffu;
  let up = select(0u, 1u, rest + (kept & 1u) > 128u);
  return (u32(unit + lane.exponent + 134 - i32(lead)) << 23u) + kept + up;
}

fn nearby(x: u32, lane: Lane) -> Nearby {
  let sign = x & SIGN;
  let quotient = float_product(bitcast<f32>(x & MAGNITUDE), lane.inverse);
  let field = max(bitcast<u32>(quotient) >> 23u, fused.min_field);
  // In steps of the grid at the quotient; the factor is a power of two.
  let steps = quotient * bitcast<f32>((254u + spec.mantissa - field) << 23u);
  let down = floor(steps);
  let above_middle = exact_difference(steps, down) - 0.5;
  let limit = select(spec.highest, spec.lowest, sign != 0u);
  var n = ((field - fused.min_field) << spec.mantissa) + u32(down) + select(0u, 1u, above_middle > 0.0);
  var certain = abs(above_middle) > steps * NEAR;
  if (n > limit) {
    certain = certain && spec.sat == SAT_CLAMP;
    n = limit;
  }
  if (n == 0u) { return Nearby(certain, true, select(0u, spec.minus_zero, sign != 0u), 0u); }
  let binade = n >> spec.mantissa;
  let normal = binade > 1u;
  let m = select(n, (1u << spec.mantissa) | (n & ((1u << spec.mantissa) - 1u)), normal);
  let unit = spec.unit + select(0, i32(binade) - 1, normal);
  var code = n + select(0u, spec.sign_code, sign != 0u);
  if (spec.integer == 1u) { code = select(n, 0u - n, sign != 0u) & spec.code_mask; }
  return Nearby(certain, false, code, sign | small_product(m, unit, lane));
}

fn prepare_levels(thread: u32) {}
`;

/** Codebooks of up to 256 levels. */
export const nearbyInTableWgsl = /* wgsl */ `
var<workgroup> level_values: array<u32, 256>;
var<workgroup> middles: array<f32, 256>;

fn prepare_levels(thread: u32) {
  for (var k = thread; k < min(spec.levels, 256u); k += THREADS) {
    let level = table[k];
    level_values[k] = level.value;
    let sign = select(0u, SIGN, (level.middle_sign_exponent & 1) == 1);
    let field = u32((level.middle_sign_exponent >> 1u) + 127);
    middles[k] = bitcast<f32>(select(sign | (field << 23u) | ((level.middle_top >> 8u) & 0x7fffffu), 0u, level.middle_top == 0u));
  }
}

fn nearby(x: u32, lane: Lane) -> Nearby {
  let quotient = float_product(bitcast<f32>(x), lane.inverse);
  var rank = 0u;
  for (var step = fused.first_step; step > 0u; step = step >> 1u) {
    let tried = rank + step;
    if (tried < spec.levels && middles[tried - 1u] <= quotient) { rank = tried; }
  }
  // A middle is cut to 24 bits, which is less than what is added to the quotient's own error.
  let margin = 2.0 * NEAR * abs(quotient);
  var certain = true;
  if (rank > 0u) { certain = abs(quotient - middles[rank - 1u]) > margin; }
  if (rank + 1u < spec.levels) { certain = certain && abs(quotient - middles[rank]) > margin; }
  let code = table[rank].code & ~LEVEL_ODD;
  let level = level_values[rank];
  if (is_zero(level)) {
    return Nearby(certain, true, code + select(0u, spec.minus_zero, (x & SIGN) != 0u), 0u);
  }
  return Nearby(certain, false, code, product(unpack(level), Parts(false, lane.exponent, lane.significand)));
}
`;
