/**
 * Float arithmetic on integers. WGSL lets a GPU divide with an error of 2.5 ulp, round sums either way, fuse products and
 * flush subnormals; its integers are exact. Floats travel as their 32 bits, taken apart into a 24-bit significand.
 */
export const exactWgsl = /* wgsl */ `
const INFINITY_BITS = 0x7f800000u;
const NAN_BITS = 0x7fc00000u;
const SIGN = 0x80000000u;
const MAGNITUDE = 0x7fffffffu;

// +-significand * 2^(exponent - 23); the significand has bit 23 set, or is zero. Exponents may leave float32's range.
struct Parts { negative: bool, exponent: i32, significand: u32 }

fn is_nan(bits: u32) -> bool { return (bits & MAGNITUDE) > INFINITY_BITS; }
fn is_finite(bits: u32) -> bool { return (bits & INFINITY_BITS) != INFINITY_BITS; }
fn is_zero(bits: u32) -> bool { return (bits & MAGNITUDE) == 0u; }

// +-n * 2^unit for n < 2^24.
fn parts_of_integer(negative: bool, n: u32, unit: i32) -> Parts {
  if (n == 0u) { return Parts(negative, 0, 0u); }
  let shift = countLeadingZeros(n) - 8u;
  return Parts(negative, unit + 23 - i32(shift), n << shift);
}

// A finite float32; subnormals are normalised.
fn unpack(bits: u32) -> Parts {
  let negative = (bits & SIGN) != 0u;
  let field = (bits >> 23u) & 0xffu;
  let fraction = bits & 0x7fffffu;
  if (field == 0u) { return parts_of_integer(negative, fraction, -149); }
  return Parts(negative, i32(field) - 127, fraction | 0x800000u);
}

// The float32 nearest to +-top * 2^(exponent - 31), ties to even. top has bit 31 set or is zero; sticky says that
// something below its last bit was cut off.
fn round_to_float(negative: bool, exponent: i32, top: u32, sticky: bool) -> u32 {
  let sign = select(0u, SIGN, negative);
  if (top == 0u) { return sign; }
  if (exponent > 127) { return sign | INFINITY_BITS; }
  let drop = u32(8 + max(0, -126 - exponent));
  if (drop > 32u) { return sign; }
  let kept = select(top >> (drop & 31u), 0u, drop == 32u);
  let rest = top << (32u - drop);
  let up = rest > SIGN || (rest == SIGN && (sticky || (kept & 1u) == 1u));
  // A normal significand's bit 23 adds the last one to the exponent field; so does a carry out of rounding.
  let field = u32(max(exponent + 126, 0));
  return sign | ((field << 23u) + kept + select(0u, 1u, up));
}

// a * b as (low word, high word).
fn multiply_wide(a: u32, b: u32) -> vec2<u32> {
  let low_low = (a & 0xffffu) * (b & 0xffffu);
  let low_high = (a & 0xffffu) * (b >> 16u);
  let high_low = (a >> 16u) * (b & 0xffffu);
  let middle = (low_low >> 16u) + (low_high & 0xffffu) + (high_low & 0xffffu);
  let high = (a >> 16u) * (b >> 16u) + (low_high >> 16u) + (high_low >> 16u) + (middle >> 16u);
  return vec2<u32>((middle << 16u) | (low_low & 0xffffu), high);
}

// fl32(a * b) as bits.
fn product(a: Parts, b: Parts) -> u32 { return scaled_product(a, b, 0); }

// fl32(a * b * 2^shift) as bits: nothing is rounded before the end.
fn scaled_product(a: Parts, b: Parts, shift: i32) -> u32 {
  let negative = a.negative != b.negative;
  if (a.significand == 0u || b.significand == 0u) { return select(0u, SIGN, negative); }
  let exponent = a.exponent + b.exponent + shift;
  let wide = multiply_wide(a.significand << 8u, b.significand << 8u);
  if ((wide.y & SIGN) != 0u) { return round_to_float(negative, exponent + 1, wide.y, wide.x != 0u); }
  let top = (wide.y << 1u) | (wide.x >> 31u);
  return round_to_float(negative, exponent, top, (wide.x << 1u) != 0u);
}

// |fl32(x - y)| as bits, for finite x and y.
fn distance_between(x: u32, y: u32) -> u32 {
  var big = x;
  var small = y;
  if ((small & MAGNITUDE) > (big & MAGNITUDE)) { big = y; small = x; }
  let big_field = max((big >> 23u) & 0xffu, 1u);
  let small_field = max((small >> 23u) & 0xffu, 1u);
  let a = ((big & 0x7fffffu) | select(0u, 0x800000u, (big & INFINITY_BITS) != 0u)) << 7u;
  let b = ((small & 0x7fffffu) | select(0u, 0x800000u, (small & INFINITY_BITS) != 0u)) << 7u;
  let apart = big_field - small_field;
  // The seven bits below the significand keep what rounding needs; the last of them remembers everything shifted out.
  var shifted = select(b >> (apart & 31u), 0u, apart > 31u);
  if (apart > 31u || (shifted << (apart & 31u)) != b) { shifted |= select(0u, 1u, b != 0u); }
  let sum = select(a + shifted, a - shifted, (x >> 31u) == (y >> 31u));
  if (sum == 0u) { return 0u; }
  let lead = countLeadingZeros(sum);
  return round_to_float(false, i32(big_field) - 126 - i32(lead), sum << lead, false);
}

// value * 2^shift as a float that no operation flushes, or zero where the result would be subnormal.
fn scaled_float(bits: u32, shift: i32) -> u32 {
  let p = unpack(bits);
  let field = p.exponent + shift + 127;
  if (p.significand == 0u || field < 1) { return 0u; }
  return (bits & SIGN) | (u32(field) << 23u) | (p.significand & 0x7fffffu);
}
`;
