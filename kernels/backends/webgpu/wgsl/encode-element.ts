/**
 * One element's code, result and counts, on integers alone. Needs the uniform `spec`, the storage `table`, and the texts
 * that unpack, divide and round.
 */
export const encodeElementWgsl = /* wgsl */ `
struct Encoded { result: u32, code: u32, saturated: u32, flushed: u32 }

fn times_scale(level: Parts, scale: u32) -> u32 {
  if (!is_finite(scale)) {
    if (level.significand == 0u) { return NAN_BITS; }
    return INFINITY_BITS | select(0u, SIGN, level.negative != ((scale & SIGN) != 0u));
  }
  return product(level, unpack(scale));
}

fn beyond_ends(q: Quotient, zero_point: i32) -> bool {
  if (spec.affine == 1u) {
    let high = spec.high_end - zero_point * 65536;
    let low = spec.low_end - zero_point * 65536;
    return compare_fixed(q, high) > 0 || compare_fixed(q, low) < 0;
  }
  let high = bitcast<u32>(spec.high_end);
  let low = bitcast<u32>(spec.low_end);
  return (is_finite(high) && compare_parts(q, unpack(high)) > 0) || (is_finite(low) && compare_parts(q, unpack(low)) < 0);
}

// Sign of q - n / 2^16.
fn compare_fixed(q: Quotient, n: i32) -> i32 {
  let size = u32(abs(n));
  let lead = countLeadingZeros(size);
  return compare(q, (n < 0), 15 - i32(lead), size << (lead & 31u), 0u);
}

// n signed by negative, in units of 2^unit, cut to the range; infinite inputs come with n beyond it.
fn encode_integer(negative: bool, n: u32, x: u32, scale: u32, zero_point: i32) -> Encoded {
  var k = select(i32(n), -i32(n), negative);
  if (spec.affine == 1u) { k += zero_point; }
  k = clamp(k, -i32(spec.lowest), i32(spec.highest));
  let code = u32(k) & spec.code_mask;
  if (spec.affine == 1u) { k -= zero_point; }
  if (k == 0) { return Encoded(0u, code, 0u, select(1u, 0u, is_zero(x))); }
  return Encoded(times_scale(parts_of_integer(k < 0, u32(abs(k)), spec.unit), scale), code, 0u, 0u);
}

fn encode_float(negative: bool, n: u32, scale: u32) -> Encoded {
  let level = grid_level(negative, n);
  return Encoded(times_scale(level, scale), n + select(0u, spec.sign_code, negative && n > 0u), 0u, 0u);
}

fn encode_overflow(high: bool) -> Encoded {
  if (spec.sat == SAT_INF && spec.infinity_code != NONE && (high || spec.sign_code != 0u)) {
    let sign = select(SIGN, 0u, high);
    return Encoded(INFINITY_BITS | sign, spec.infinity_code + select(spec.sign_code, 0u, high), 0u, 0u);
  }
  return Encoded(NAN_BITS, select(spec.nan_below, spec.nan_above, high), 0u, 0u);
}

fn encode_level(rank: u32, scale: u32) -> Encoded {
  return Encoded(times_scale(unpack(table[rank].value), scale), table[rank].code & ~LEVEL_ODD, 0u, 0u);
}

fn encode_infinite(x: u32, scale: u32, zero_point: i32) -> Encoded {
  // To the end of its sign, or to the other where the scale is negative.
  let positive = ((x ^ scale) & SIGN) == 0u;
  if (spec.integer == 1u) {
    var out = encode_integer(!positive, 1u << 24u, x, scale, zero_point);
    out.flushed = 0u;
    return out;
  }
  if (spec.sat != SAT_CLAMP) { return encode_overflow(positive); }
  if (spec.kind == KIND_TABLE) { return encode_level(select(0u, spec.levels - 1u, positive), scale); }
  return encode_float(!positive && spec.lowest > 0u, select(spec.lowest, spec.highest, positive), scale);
}

fn encode_finite(x: u32, scale: u32, zero_point: i32, counter: vec2<u32>) -> Encoded {
  let q = divide(x, scale, spec.mode == MODE_SR);
  var out: Encoded;
  var zero: bool;
  if (spec.kind == KIND_TABLE) {
    let rank = round_in_table(q, counter);
    out = encode_level(rank, scale);
    zero = is_zero(table[rank].value);
  } else {
    let negative = q.negative;
    var n = round_on_grid(q, counter);
    if (spec.integer == 1u) {
      out = encode_integer(negative, n, x, scale, zero_point);
      out.saturated = select(0u, 1u, beyond_ends(q, zero_point));
      return out;
    }
    let limit = select(spec.highest, spec.lowest, negative);
    if (n > limit && spec.sat != SAT_CLAMP) { return encode_overflow(!negative); }
    n = min(n, limit);
    out = encode_float(negative, n, scale);
    zero = n == 0u;
  }
  out.saturated = select(0u, 1u, beyond_ends(q, 0));
  if (zero) {
    let minus = (x & SIGN) != 0u && spec.minus_zero != 0u;
    out.result = select(0u, SIGN, minus);
    out.code += select(0u, spec.minus_zero, minus);
    out.flushed = select(1u, 0u, is_zero(x));
  }
  return out;
}

fn encode(x: u32, scale: u32, zero_point: i32, counter: vec2<u32>) -> Encoded {
  if (spec.kind == KIND_IDENTITY) { return Encoded(x, 0u, 0u, 0u); }
  if (is_nan(x) || is_nan(scale)) {
    return Encoded(NAN_BITS, select(spec.undefined_code, u32(zero_point), spec.integer == 1u), 0u, 0u);
  }
  if (!is_finite(x)) { return encode_infinite(x, scale, zero_point); }
  return encode_finite(x, scale, zero_point, counter);
}
`;
