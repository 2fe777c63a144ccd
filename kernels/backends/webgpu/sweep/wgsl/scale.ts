/**
 * Stored scales. A quotient is rounded to float32 before it is rounded to the scale's format, which changes nothing where
 * the middles of that format times the divisor fit float32: no quotient below such a product reaches the middle. Where they
 * do not, or what is divided is longer than float32, the first rounding is to odd (Boldo and Melquiond 2008).
 */
export const scaleWgsl = (long: boolean): string => /* wgsl */ `
const POWER_BITS = 0x7f800000u;

fn power_of(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & POWER_BITS); }

// (x + rest) / d with an odd last digit where it is not exact, up to a part in 2^40.
fn odd_quotient(x: f32, rest: f32, inverse: vec2<f32>) -> f32 {
  let p = rounded_product(x, inverse.x);
  let more = lost(x, inverse.x, p) + (rest * inverse.x + x * inverse.y);
  let q = p + more;
  let left = taken_away(more, taken_away(q, p));
  let bits = bitcast<u32>(q);
  if (abs(left) <= q * 0x1p-40 || (bits & 1u) == 1u) { return q; }
  return bitcast<f32>(select(bits - 1u, bits + 1u, left > 0.0));
}

// The nearest multiple of a float format's step at q, ties to even. magic * power has room for no less than a step; with
// a magic of zero, q itself.
fn on_grid(q: f32, least: f32, magic: f32) -> f32 {
  let big = max(power_of(q), least) * magic;
  return taken_away(big + q, big);
}

// The scale in force for the ideal numerator high + low, with low the little that high lost; and the numerator of which
// it is the rounded quotient by r.divisor, zero where it has few digits. Without branches, which would cost more.
fn scale_of(high: f32, low: f32, r: Recipe) -> vec2<f32> {
  let inverse = vec2<f32>(r.divisor_high, r.divisor_low);
  let nearest = long_quotient(high, low, inverse);
  let q = ${long ? "select(odd_quotient(high, low, inverse), nearest, r.scale_magic == 0.0 && r.is_power == 0u)" : "nearest"};
  let stored = on_grid(min(q, r.scale_most), r.scale_least, r.scale_magic);
  let power = bitcast<f32>((bitcast<u32>(q) + r.power_add) & POWER_BITS);
  return vec2<f32>(
    select(fma(stored, r.outer, r.fixed), power, r.is_power == 1u) * r.unit,
    select(stored * r.numerator, high, r.scale_magic == 0.0) * r.unit,
  );
}
`;
