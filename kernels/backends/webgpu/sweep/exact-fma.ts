/** For tests on a program that stands in for a GPU: shaders whose `fma` rounds once although the program's does not. */

/** Boldo and Melquiond (2008): the sum of what a product and a sum lost, rounded to odd, is added last. */
const exactFmaWgsl = /* wgsl */ `
fn two_sum(a: f32, b: f32) -> vec2<f32> {
  let s = a + b;
  let t = s - a;
  return vec2<f32>(s, (a - (s - t)) + (b - t));
}

fn odd_sum(a: f32, b: f32) -> f32 {
  let s = two_sum(a, b);
  let bits = bitcast<u32>(s.x);
  if (s.y == 0.0 || (bits & 1u) == 1u) { return s.x; }
  return bitcast<f32>(select(bits - 1u, bits + 1u, (s.y > 0.0) == (s.x > 0.0)));
}

fn upper_half(a: f32) -> f32 {
  let c = 4097.0 * a;
  return c - (c - a);
}

fn exact_fma(a: f32, b: f32, c: f32) -> f32 {
  let p = a * b;
  // Halves of what is so large overflow.
  if (p == 0.0 || abs(p) > 1e37) { return p + c; }
  let ah = upper_half(a);
  let bh = upper_half(b);
  let al = a - ah;
  let bl = b - bh;
  let lost = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
  let t = two_sum(c, lost);
  let v = two_sum(p, t.x);
  return v.x + odd_sum(t.y, v.y);
}
`;

/** The shader with every `fma` rounded once. */
export function withExactFma(code: string): string {
  const enable = /^\s*enable [a-z_]+;/.exec(code)?.[0] ?? "";
  return `${enable}${exactFmaWgsl}${code.slice(enable.length).replace(/\bfma\(/g, "exact_fma(")}`;
}
