import { endsWgsl } from "./ends.ts";

/** Where the scale of a thread's values comes from. */
export const SCALE_FROM = { one: 0, given: 1, ownAmax: 2, givenAmax: 3 } as const;

/** Scales with few values: one step of the staircase in each stretch of 2^STEP_SHIFT magnitudes' bits. */
export const STEP_SHIFT = 19;
export const MOST_RANKS = 256;

const findWgsl = {
  steps: /* wgsl */ `
fn find_scale(amax: u32, largest: u32) -> Found {
  let step = lookup[amax >> ${STEP_SHIFT}u];
  let rank = step.y + select(0u, 1u, amax >= step.x);
  // With its reciprocal, to the nearest float.
  let known = lookup[lean.ranks_at + rank];
  return Found(lane_with(known.x, bitcast<f32>(known.y), largest), known.x, rank, 0u);
}`,
  divided: /* wgsl */ `
fn find_scale(amax: u32, largest: u32) -> Found {
  let scale = divided(amax);
  return Found(lane_of(scale, largest), scale, 0u, scale);
}`,
};

/**
 * From the largest magnitude of a block to its scale, exactly. Formats of few values are looked up: a stretch of
 * magnitudes' bits holds one step at most. Others are divided out: floats guess the quotient and integers say what it
 * leaves over, which is small, so that the low words of the products tell.
 */
export const leanScaleWgsl = (bySteps: boolean) => /* wgsl */ `
// high, low: positive and negative magnitudes above which values lie beyond the ends, as bits.
struct Lane { usable: bool, scale: f32, inverse: f32, high: u32, low: u32 }

${endsWgsl}
fn lane_of(scale: u32, largest: u32) -> Lane {
  // Of a power of two exactly, whatever a GPU divides.
  let power = (scale & 0x7fffffu) == 0u;
  let inverse = select(float_reciprocal(bitcast<f32>(scale)), bitcast<f32>((254u << 23u) - scale), power);
  return lane_with(scale, inverse, largest);
}

fn lane_with(scale: u32, inverse: f32, largest: u32) -> Lane {
  // Nothing is left to scale among zeros; negative scales have a field beyond all others.
  if (largest == 0u) { return Lane(true, 1.0, 0.0, MAGNITUDE, MAGNITUDE); }
  if ((scale >> 23u) - 64u >= 127u) { return Lane(false, 1.0, 0.0, MAGNITUDE, MAGNITUDE); }
  return with_ends(scale, inverse, largest);
}

fn with_ends(scale: u32, inverse: f32, largest: u32) -> Lane {
  let quotient = bitcast<f32>(largest) * inverse;
  // Results are at least half of what is rounded: differences then are floats.
  if (quotient > lean.most_quotient) { return Lane(false, 1.0, 0.0, MAGNITUDE, MAGNITUDE); }
  if (quotient < lean.sure_quotient) { return Lane(true, bitcast<f32>(scale), inverse, MAGNITUDE, MAGNITUDE); }
  let parts = unpack(scale);
  let high = end_times(bitcast<u32>(spec.high_end), parts);
  let low = end_times(bitcast<u32>(spec.low_end), parts);
  return Lane(true, bitcast<f32>(scale), inverse, high, low);
}

// amax / divisor rounded to the format of the scale, ties to even, saturating.
fn divided(amax: u32) -> u32 {
  if (amax == 0u) { return 0u; }
  let a = unpack(amax);
  let n = a.significand << 4u;
  let d = lean.divisor;
  let below = n < d;
  let guess = bitcast<f32>(0x3f800000u | (a.significand & 0x7fffffu)) * lean.divisor_inverse;
  var quotient = clamp(u32(guess * select(0x1p23f, 0x1p24f, below)), 0x800000u, 0xffffffu);
  var left = i32((n << select(23u, 24u, below)) - quotient * d);
  while (left < 0) { quotient--; left += i32(d); }
  while (left >= i32(d)) { quotient++; left -= i32(d); }
  let exponent = a.exponent - lean.divisor_exponent - select(0, 1, below);
  let drop = u32(23 - lean.scale_mantissa + max(0, lean.scale_exponent - exponent));
  if (drop > 24u) { return 0u; }
  let kept = quotient >> drop;
  let rest = quotient & ((1u << drop) - 1u);
  var side = i32(2u * rest) - i32(1u << drop);
  if (drop == 0u) { side = 2 * left - i32(d); }
  else if (side == 0) { side = left; }
  let up = side > 0 || (side == 0 && (kept & 1u) == 1u);
  let rounded = kept + select(0u, 1u, up);
  let lead = countLeadingZeros(rounded);
  let bits = round_to_float(false, exponent + 8 + i32(drop) - i32(lead), rounded << (lead & 31u), false);
  return min(bits, lean.scale_most);
}

// rank: of the scale among those that are looked up. stored: its bits, where it was divided out.
struct Found { lane: Lane, scale: u32, rank: u32, stored: u32 }

${bySteps ? findWgsl.steps : findWgsl.divided}
`;
