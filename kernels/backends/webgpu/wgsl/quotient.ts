/** Exact quotients of float32 by long division, and their comparison with numbers of up to 64 bits. */
export const quotientWgsl = /* wgsl */ `
// +-(top + next / 2^32) * 2^(exponent - 31), and a little more where sticky. top has bit 31 set, or the quotient is zero.
struct Quotient { negative: bool, exponent: i32, top: u32, next: u32, sticky: bool }

// x / s. Without more_bits, next stays 0. A quotient by zero or Inf is zero by definition.
fn divide(x: u32, s: u32, more_bits: bool) -> Quotient {
  let a = unpack(x);
  let b = unpack(s);
  if (a.significand == 0u || b.significand == 0u || !is_finite(s)) { return Quotient(false, 0, 0u, 0u, false); }
  let below_one = a.significand < b.significand;
  let d = b.significand;
  var remainder = select(a.significand, a.significand << 1u, below_one) - d;
  let exponent = a.exponent - b.exponent - select(0, 1, below_one);
  let negative = a.negative != b.negative;
  // Powers of two, the most usual scales, leave nothing to divide.
  if (d == 0x800000u) { return Quotient(negative, exponent, SIGN | (remainder << 8u), 0u, false); }
  var top = 1u;
  for (var digit = 0; digit < 3; digit++) {
    remainder = remainder << 8u;
    top = (top << 8u) | (remainder / d);
    remainder = remainder % d;
  }
  remainder = remainder << 7u;
  top = (top << 7u) | (remainder / d);
  remainder = remainder % d;
  var next = 0u;
  if (more_bits) {
    for (var digit = 0; digit < 4; digit++) {
      remainder = remainder << 8u;
      next = (next << 8u) | (remainder / d);
      remainder = remainder % d;
    }
  }
  return Quotient(negative, exponent, top, next, remainder != 0u);
}

// Sign of q - t for t = +-(top + next / 2^32) * 2^(exponent - 31), normalised like a quotient.
fn compare(q: Quotient, negative: bool, exponent: i32, top: u32, next: u32) -> i32 {
  let q_negative = q.negative && q.top != 0u;
  let t_negative = negative && top != 0u;
  if (q_negative != t_negative) { return select(1, -1, q_negative); }
  let outward = select(1, -1, q_negative);
  if (q.top == 0u || top == 0u) { return outward * (select(0, 1, q.top != 0u) - select(0, 1, top != 0u)); }
  if (q.exponent != exponent) { return select(-outward, outward, q.exponent > exponent); }
  if (q.top != top) { return select(-outward, outward, q.top > top); }
  if (q.next != next) { return select(-outward, outward, q.next > next); }
  return select(0, outward, q.sticky);
}

fn compare_parts(q: Quotient, t: Parts) -> i32 {
  return compare(q, t.negative, t.exponent, t.significand << 8u, 0u);
}
`;
