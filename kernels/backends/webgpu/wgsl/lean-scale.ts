/** Where the scale of a thread's values comes from. */
export const SCALE_FROM = { one: 0, given: 1, ownAmax: 2, givenAmax: 3 } as const;

/** Scales with few values: one step of the staircase in each stretch of 2^STEP_SHIFT magnitudes' bits. */
export const STEP_SHIFT = 19;
export { MOST_RANKS } from "../../../scales/steps.ts";

const findWgsl = {
  steps: /* wgsl */ `
fn find_scale(amax: u32, largest: u32) -> Found {
  let step = lookup[amax >> ${STEP_SHIFT}u];
  let rank = step.y + select(0u, 1u, amax >= step.x);
  // With its reciprocal, to the nearest float.
  let known = lookup[lean.ranks_at + rank];
  return Found(lane_with(known.x, bitcast<f32>(known.y), largest), known.x, rank);
}`,
  divided: /* wgsl */ `
fn find_scale(amax: u32, largest: u32) -> Found {
  let scale = divided(amax);
  return Found(lane_of(scale, largest), scale, 0u);
}`,
};

/**
 * From the largest magnitude of a block to its scale, exactly. Formats of few values are looked up: a stretch of
 * magnitudes' bits holds one step at most. Others are divided out: a float guesses, and where that leaves the rounding
 * open integers say what the quotient leaves over, which is small, so that the low words of the products tell.
 */
export const leanScaleWgsl = (bySteps: boolean) => /* wgsl */ `
fn float_guess(a: f32, b: f32) -> f32 { return a * b; }

// near_end: whether some quotient may lie beyond the range.
struct Lane { usable: bool, near_end: bool, scale: f32, inverse: f32 }

fn inverse_of(scale: u32) -> f32 {
  // Of a power of two exactly, whatever a GPU divides.
  let power = (scale & 0x7fffffu) == 0u;
  return select(float_reciprocal(bitcast<f32>(scale)), bitcast<f32>((254u << 23u) - scale), power);
}

fn lane_of(scale: u32, largest: u32) -> Lane { return lane_with(scale, inverse_of(scale), largest); }

fn lane_with(scale: u32, inverse: f32, largest: u32) -> Lane {
  // Nothing is left to scale among zeros; negative scales have a field beyond all others.
  if (largest == 0u) { return Lane(true, false, 1.0, 0.0); }
  if ((scale >> 23u) - 64u >= 127u) { return Lane(false, false, 1.0, 0.0); }
  let quotient = float_guess(bitcast<f32>(largest), inverse);
  // Results are at least half of what is rounded: differences then are floats.
  return Lane(quotient <= lean.most_quotient, quotient >= lean.near_end, bitcast<f32>(scale), inverse);
}

// amax / divisor rounded to the format of the scale, ties to even, saturating.
fn divided(amax: u32) -> u32 {
  let drop = u32(23 - lean.scale_mantissa);
  if (lean.divisor == 0x8000000u && drop == 0u) {
    // Nothing is rounded where a power of two divides a float and gives one.
    let field = i32(amax >> 23u) - lean.divisor_exponent;
    if (amax >= 0x800000u && field > 0 && field < 255) { return (u32(field) << 23u) | (amax & 0x7fffffu); }
  } else {
    let guess = bitcast<u32>(float_guess(bitcast<f32>(amax), lean.divisor_inverse));
    let half = (1u << drop) >> 1u;
    let rest = guess & ((1u << drop) - 1u);
    // A guess is off by three units at most: what is not near a middle is rounded well.
    let clear = rest + 4u < half || rest > half + 4u;
    let normal = guess >= u32(lean.scale_exponent + 128) << 23u && guess < 0x7f000000u;
    if (clear && normal) { return min((guess + half) & ~((1u << drop) - 1u), lean.scale_most); }
  }
  return divided_by_integers(amax);
}

fn divided_by_integers(amax: u32) -> u32 {
  if (amax == 0u) { return 0u; }
  let a = unpack(amax);
  let n = a.significand << 4u;
  let d = lean.divisor;
  let below = n < d;
  let guess = bitcast<f32>(0x3f800000u | (a.significand & 0x7fffffu)) * lean.significand_inverse;
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

// rank: of the scale among those that are looked up.
struct Found { lane: Lane, scale: u32, rank: u32 }

${bySteps ? findWgsl.steps : findWgsl.divided}
`;
