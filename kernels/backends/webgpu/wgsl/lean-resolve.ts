import type { LeanText } from "./lean-fields.ts";

/**
 * What the filters leave open, decided on integers where it lies. A value left open on a list would take its whole block
 * with it, where that was rotated: this is rare, and cheaper. Ties stay open where the rule for them is not the even one,
 * and so does what lies near a codebook's middles, which are no floats.
 */
export const resolveWgsl = ({ element }: LeanText) => /* wgsl */ `
// The sign of a - b * scale for the bits of a magnitude and positive b, scale; b may be zero.
fn side_of(a: u32, b: u32, scale: f32) -> i32 {
  let x = unpack(a);
  let m = unpack(b);
  let s = unpack(bitcast<u32>(scale));
  if (x.significand == 0u || m.significand == 0u) {
    return select(0, 1, x.significand != 0u) - select(0, 1, m.significand != 0u);
  }
  let wide = multiply_wide(m.significand << 8u, s.significand << 8u);
  let carry = wide.y >> 31u;
  let exponent = m.exponent + s.exponent + i32(carry);
  if (x.exponent != exponent) { return select(-1, 1, x.exponent > exponent); }
  let top = select((wide.y << 1u) | (wide.x >> 31u), wide.y, carry == 1u);
  let rest = select(wide.x << 1u, wide.x, carry == 1u);
  let own = x.significand << 8u;
  if (own != top) { return select(-1, 1, own > top); }
  return select(0, -1, rest != 0u);
}

// How many lie beyond the ends.
fn count_beyond(x: vec4<f32>, scale: f32) -> f32 {
  var count = 0.0;
  for (var c = 0u; c < 4u; c++) {
    let bits = bitcast<u32>(x[c]);
    let end = bitcast<u32>(select(spec.high_end, spec.low_end, bits >= SIGN)) & MAGNITUDE;
    if (side_of(bits & MAGNITUDE, end, scale) > 0) { count += 1.0; }
  }
  return count;
}

${
  element === "table"
    ? "fn resolved(x: vec4<f32>, found: Quad, scale: f32) -> Quad { return found; }"
    : `fn resolved(x: vec4<f32>, found: Quad, scale: f32) -> Quad {
  var all = found;
  for (var c = 0u; c < 4u; c++) {
    if (!all.open[c]) { continue; }
    let above = all.cut[c] > all.level[c];
    let half = select(-all.half[c], all.half[c], above);
    let side = side_of(bitcast<u32>(x[c]) & MAGNITUDE, bitcast<u32>(all.level[c] + half), scale);
    if (side == 0 && lean.even_parity != 1u) { continue; }
    all.open[c] = false;
    let odd = (all.index[c] & 1u) == 1u;
    if ((side == 0 && odd) || (side != 0 && (side > 0) == above)) {
      all.level[c] += 2.0 * half;
      all.index[c] = select(all.index[c] - 1u, all.index[c] + 1u, above);
    }
  }
  all.size = rounded(results(all.level, scale));
  return all;
}`
}`;
