/**
 * From an exact quotient to a level. Floats and integers lie on a grid whose steps follow from the exponent; codebooks
 * are searched in a table. Needs the uniform `spec` and the storage `table`.
 */
export const roundingWgsl = /* wgsl */ `
const LEVEL_ODD = 0x80000000u;

// One level of a codebook, and what lies between it and the next one up.
struct Level {
  value: u32,               // float32 bits
  code: u32,                // and LEVEL_ODD where it counts as odd for ties
  middle_sign_exponent: i32,  // 2 * exponent + (1 if negative)
  middle_top: u32,          // the middle to the next level, normalised like a quotient
  unit: i32,                // this level is multiple * 2^unit, the next one (multiple + width) * 2^unit
  multiple: i32,
  width: u32,
  unused: u32,
}

fn draw(counter: vec2<u32>) -> u32 {
  return threefry(vec2<u32>(spec.seed, spec.stream), counter);
}

// Whether a quotient strictly between two neighbours goes to the upper one; side is the sign of quotient - middle.
fn takes_upper(side: i32, negative: bool, lower_odd: bool, counter: vec2<u32>) -> bool {
  switch (spec.mode) {
    case MODE_RNE: { return select(side > 0, lower_odd, side == 0); }
    case MODE_AWAY: { return select(side > 0, !negative, side == 0); }
    case MODE_INWARD: { return select(side > 0, negative, side == 0); }
    case MODE_TRUNC: { return negative; }
    case MODE_UP: { return true; }
    case MODE_DOWN: { return false; }
    case MODE_ODD: { return !lower_odd; }
    default: { return (draw(counter) & SIGN) != 0u; }
  }
}

// A magnitude in steps of a grid: a whole number and 64 bits of fraction, sticky where that is not all.
struct Steps { whole: u32, high: u32, low: u32, sticky: bool }

fn steps_of(q: Quotient) -> Steps {
  if (q.top == 0u) { return Steps(0u, 0u, 0u, false); }
  let mantissa = i32(spec.mantissa);
  let over = q.exponent - spec.unit;
  var taken = over + 1;
  var base = 0u;
  if (over >= mantissa) {
    taken = mantissa + 1;
    base = u32(over - mantissa) << spec.mantissa;
  }
  if (taken > 0) {
    let left = u32(taken);
    return Steps(base + (q.top >> (32u - left)), (q.top << left) | (q.next >> (32u - left)), q.next << left, q.sticky);
  }
  let right = u32(-taken);
  if (right == 0u) { return Steps(0u, q.top, q.next, q.sticky); }
  if (right >= 32u) { return Steps(0u, 0u, 0u, true); }
  let lost = (q.next << (32u - right)) != 0u;
  return Steps(0u, q.top >> right, (q.top << (32u - right)) | (q.next >> right), q.sticky || lost);
}

// floor(fraction * 2^bits) + r >= 2^bits, where the fraction counts upwards also for negative values.
fn stochastic_on_grid(s: Steps, negative: bool, r: u32) -> bool {
  let drop = 32u - spec.random_bits;
  let floor_bits = s.high >> drop;
  if (negative) {
    let more = (floor_bits << drop) != s.high || s.low != 0u || s.sticky;
    return r > floor_bits || (r == floor_bits && !more);
  }
  return floor_bits > (0xffffffffu >> drop) - r;
}

// The magnitude that a quotient rounds to, in levels from zero.
fn round_on_grid(q: Quotient, counter: vec2<u32>) -> u32 {
  let s = steps_of(q);
  if (s.high == 0u && s.low == 0u && !s.sticky) { return s.whole; }
  var upper: bool;
  if (spec.mode == MODE_SR) {
    upper = stochastic_on_grid(s, q.negative, draw(counter) >> (32u - spec.random_bits));
  } else {
    var outward = select(-1, 1, s.high >= SIGN);
    if (s.high == SIGN && s.low == 0u && !s.sticky) { outward = 0; }
    let lower_odd = ((s.whole & 1u) == 1u) != q.negative;
    upper = takes_upper(select(outward, -outward, q.negative), q.negative, lower_odd, counter);
  }
  return s.whole + select(0u, 1u, upper != q.negative);
}

fn grid_level(negative: bool, n: u32) -> Parts {
  let binade = n >> spec.mantissa;
  if (binade < 2u) { return parts_of_integer(negative, n, spec.unit); }
  let significand = (1u << spec.mantissa) | (n & ((1u << spec.mantissa) - 1u));
  return parts_of_integer(negative, significand, spec.unit + i32(binade) - 1);
}

// q >= lower + (upper - lower) * (2^bits - r) / 2^bits, the same as floor(fraction * 2^bits) + r >= 2^bits.
fn stochastic_in_table(q: Quotient, level: Level, r: u32) -> bool {
  if (r == 0u) { return false; }
  let bits = spec.random_bits;
  let weight = select((1u << (bits & 31u)) - r, 0u - r, bits == 32u);
  let shifted_low = select(u32(level.multiple) << (bits & 31u), 0u, bits == 32u);
  let shifted_high = select(u32(level.multiple >> (32u - bits)), u32(level.multiple), bits == 32u);
  let wide = multiply_wide(level.width, weight);
  var low = shifted_low + wide.x;
  var high = shifted_high + wide.y + select(0u, 1u, low < wide.x);
  let negative = (high & SIGN) != 0u;
  if (negative) {
    low = ~low + 1u;
    high = ~high + select(0u, 1u, low == 0u);
  }
  let lead = select(countLeadingZeros(high), 32u + countLeadingZeros(low), high == 0u);
  if (lead == 64u) { return compare(q, false, 0, 0u, 0u) >= 0; }
  let by = lead & 31u;
  let first = select(high, low, lead >= 32u);
  let second = select(low, 0u, lead >= 32u);
  let top = select((first << by) | (second >> (32u - by)), first, by == 0u);
  return compare(q, negative, level.unit - i32(bits) + 63 - i32(lead), top, second << by) >= 0;
}

// The rank of the level that a quotient rounds to, cut to the ends.
fn round_in_table(q: Quotient, counter: vec2<u32>) -> u32 {
  var above = 0u;
  var limit = spec.levels;
  while (above < limit) {
    let mid = (above + limit) / 2u;
    if (compare_parts(q, unpack(table[mid].value)) >= 0) { above = mid + 1u; } else { limit = mid; }
  }
  if (above == 0u) { return 0u; }
  let rank = above - 1u;
  let level = table[rank];
  if (above == spec.levels || compare_parts(q, unpack(level.value)) == 0) { return rank; }
  var upper: bool;
  if (spec.mode == MODE_SR) {
    upper = stochastic_in_table(q, level, draw(counter) >> (32u - spec.random_bits));
  } else {
    let exponent = level.middle_sign_exponent >> 1u;
    let side = compare(q, (level.middle_sign_exponent & 1) == 1, exponent, level.middle_top, 0u);
    upper = takes_upper(side, q.negative && q.top != 0u, (level.code & LEVEL_ODD) != 0u, counter);
  }
  return rank + select(0u, 1u, upper);
}
`;
