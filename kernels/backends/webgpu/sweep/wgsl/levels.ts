/** The level of a value: multiples of a step, which adding a large number and taking it away again rounds to. */
export const levelsWgsl = /* wgsl */ `
// Leaves a float32 no room for fractions; the second also below zero.
const MAGIC = 8388608.0;
const SIGNED_MAGIC = 12582912.0;
// Takes every level but zero to one or more.
const MANY = 4294967296.0;
// Twice what a GPU's reciprocal and product may be off, generously: 2^-21.
const NEAR = 4.76837158203125e-7;

// Less than 1/s by a little more than a GPU's division may be off, more by as much, and about 1/s; all the same where that
// is exact, and zeros for a zero.
fn around_inverse(s: f32) -> vec3<f32> {
  if (s == 0.0) { return vec3<f32>(); }
  // Products with a power of two are exact, and so are their ties.
  let bits = bitcast<u32>(s);
  if ((bits & 0x7fffffu) == 0u) { return vec3<f32>(bitcast<f32>((254u << 23u) - bits)); }
  let near = 1.0 / s;
  return vec3<f32>(near * (1.0 - NEAR), near * (1.0 + NEAR), near);
}

// The same for values of few digits, none of which lies so near a middle but those that would lie on it if s were exactly
// numerator / divisor: these are on the one side or the other as s is less or more.
fn around_ideal(s: f32, numerator: f32, divisor: f32) -> vec3<f32> {
  let around = around_inverse(s);
  let more = lost(s, divisor, numerator);
  return vec3<f32>(select(around.x, around.y, more < 0.0), select(around.y, around.x, more > 0.0), around.z);
}

// The factor and summand that take what is greater than the limit to one or more, anything else to zero or less: exactly,
// for the factor is a power of two.
fn beyond_of(limit: f32) -> vec2<f32> {
  if (limit == NEVER) { return vec2<f32>(); }
  let factor = bitcast<f32>((278u << 23u) - (bitcast<u32>(limit) & POWER_BITS));
  return vec2<f32>(factor, -limit * factor);
}

fn differing(a: f32, b: f32) -> u32 { return bitcast<u32>(a) ^ bitcast<u32>(b); }

// The multiple nearest to x / s of what big has no digits below, ties to even.
fn settled(x: f32, big: f32, s: f32, inverse: vec3<f32>) -> f32 {
  let t = fma(x, inverse.x, big);
  let u = fma(x, inverse.y, big);
  let one = taken_away(t, big);
  let other = taken_away(u, big);
  if (one == other) { return one; }
  // Which side of the middle between them x lies on, exactly: x - p is, and its sign survives what is taken away.
  let middle = (one + other) * 0.5;
  let p = middle * s;
  let beyond = (x - p) - lost(middle, s, p);
  if (beyond == 0.0) { return select(one, other, (bitcast<u32>(t) & 1u) == 1u); }
  return select(min(one, other), max(one, other), beyond > 0.0);
}
`;
