/**
 * Products and quotients with more digits than a float32. Where `fma` rounds once, as on every GPU that has it in
 * hardware, it gives what a product loses; elsewhere products are split (Dekker 1971), which needs a compiler that does
 * not contract.
 */

const fusedWgsl = /* wgsl */ `
// What is lost when a * b is rounded to p.
fn lost(a: f32, b: f32, p: f32) -> f32 { return fma(a, b, -p); }

// (x + rest) / d, rounded once, for a rest below the last digit of x and 1/d in two parts.
fn long_quotient(x: f32, rest: f32, inverse: vec2<f32>) -> f32 {
  return fma(x, inverse.x, fma(rest, inverse.x, x * inverse.y));
}

// (t - offset) * s, rounded once; negated = -(offset * s), exactly.
fn difference_times(t: f32, offset: f32, s: f32, negated: f32) -> f32 { return fma(t, s, negated); }

// (v / 2 - offset) * s, rounded once.
fn half_difference_times(v: f32, offset: f32, s: f32, half: f32, negated: f32) -> f32 { return fma(v, half, negated); }

// r * s, not to be fused with what follows.
fn rounded_product(r: f32, s: f32) -> f32 { return fma(r, s, params.zero); }

// t - offset, not to be cancelled against the sum that t is.
fn taken_away(t: f32, offset: f32) -> f32 { return fma(t, params.one, -offset); }
`;

const splitWgsl = /* wgsl */ `
fn upper(a: f32) -> f32 {
  let c = 4097.0 * a;
  return c - (c - a);
}

fn lost(a: f32, b: f32, p: f32) -> f32 {
  let ah = upper(a);
  let bh = upper(b);
  let al = a - ah;
  let bl = b - bh;
  return ((ah * bh - p) + ah * bl + al * bh) + al * bl;
}

fn long_quotient(x: f32, rest: f32, inverse: vec2<f32>) -> f32 {
  let p = x * inverse.x;
  return p + (lost(x, inverse.x, p) + (rest * inverse.x + x * inverse.y));
}

fn difference_times(t: f32, offset: f32, s: f32, negated: f32) -> f32 { return (t - offset) * s; }

fn half_difference_times(v: f32, offset: f32, s: f32, half: f32, negated: f32) -> f32 { return (v * 0.5 - offset) * s; }

fn rounded_product(r: f32, s: f32) -> f32 { return r * s; }

fn taken_away(t: f32, offset: f32) -> f32 { return t - offset; }
`;

export const arithmeticWgsl = (fused: boolean): string => /* wgsl */ `${fused ? fusedWgsl : splitWgsl}
// The greatest float32 that is not above a * b, both positive: x > a * b exactly where x > this.
fn product_down(a: f32, b: f32) -> f32 {
  let p = a * b;
  return bitcast<f32>(bitcast<u32>(p) - select(0u, 1u, lost(a, b, p) < 0.0));
}
`;

/** Tells whether `fma` rounds once: the square of 1 + 2^-12 has a digit that float32 does not hold. */
export const probeWgsl = /* wgsl */ `
@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let x = input[0];
  out[0] = select(0u, 1u, fma(x, x, -input[1]) == input[2]);
}
`;
