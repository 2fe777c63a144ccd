// What the fast paths need to know of each scale of a segment, four scales at a time.
import { Field, Kind, Mode } from "../fields";
import {
  ABOVE, BELOW, INVERSE, LEAST, LIMIT, MOST, RECIPROCAL, SCALE, ZERO, address, field, int,
} from "./memory";

/** The float64 pairs lo, hi as four float32, rounded toward zero. */
// @ts-ignore: decorator
@inline function towardZero(lo: v128, hi: v128): v128 {
  const a = f32x4.demote_f64x2_zero(lo);
  const b = f32x4.demote_f64x2_zero(hi);
  // A magnitude that grew by rounding is one unit in the last place too large.
  const ga = f64x2.gt(f64x2.abs(f64x2.promote_low_f32x4(a)), f64x2.abs(lo));
  const gb = f64x2.gt(f64x2.abs(f64x2.promote_low_f32x4(b)), f64x2.abs(hi));
  const rounded = v128.shuffle<i64>(a, b, 0, 2);
  return i32x4.add(rounded, v128.shuffle<i32>(ga, gb, 0, 2, 4, 6));
}

/**
 * From SCALE (and ZERO): INVERSE, the float32 reciprocal, zero for a scale of zero and NaN for one that needs the exact
 * path; LIMIT, how far from its code a quotient may lie before the exact path decides (no limit for powers of two, whose
 * products are exact, and for libraries, whose quotient is float32); ABOVE and BELOW, the float32 beyond which codes count
 * as saturated, exactly; LEAST and MOST.
 */
export function prepareScales(n: i32): void {
  const kind = int(Field.kind);
  const affine = int(Field.affine) != 0;
  const library = int(Field.library) != 0;
  // Other ties than to even are for the exact path.
  const even = i32x4.splat(int(Field.mode) == Mode.rne ? -1 : 0);
  const least = f32x4.splat(<f32>field(Field.leastScale));
  const most = f32x4.splat(<f32>field(Field.mostScale));
  const near = f32x4.splat(<f32>field(Field.nearTie));
  const one = f32x4.splat(1);
  const infinity = f32x4.splat(Infinity);
  const nan = f32x4.splat(NaN);
  const nothing = i32x4.splat(0);
  const high = f64x2.splat(field(Field.endHigh));
  const low = f64x2.splat(field(Field.endLow));
  const lowest = f32x4.splat(<f32>field(Field.lowest));
  const highest = f32x4.splat(<f32>field(Field.highest));
  const end = (<usize>n) << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const s = v128.load(SCALE + i);
    // Negative scales go with integers alone.
    const size = kind == Kind.integer || kind == Kind.randomInteger ? f32x4.abs(s) : s;
    const zero = f32x4.eq(s, nothing);
    const ordinary = v128.and(f32x4.ge(size, least), f32x4.le(size, most));
    // A library does not ask whether the scale in force is zero.
    const valid = library ? ordinary : v128.or(zero, ordinary);
    const inverse = v128.andnot(library ? v128.load(RECIPROCAL + i) : f32x4.div(one, s), zero);
    v128.store(INVERSE + i, v128.bitselect(inverse, nan, valid));
    const power = library ? i32x4.splat(-1) : v128.and(even, i32x4.eq(v128.and(s, i32x4.splat(0x7fffff)), nothing));
    v128.store(LIMIT + i, v128.bitselect(infinity, near, power));
    const s0 = f64x2.promote_low_f32x4(s);
    const s1 = f64x2.promote_low_f32x4(v128.shuffle<i64>(s, s, 1, 1));
    let h0 = high;
    let h1 = high;
    let l0 = low;
    let l1 = low;
    if (affine) {
      const z = v128.load(ZERO + i);
      const z0 = f64x2.convert_low_i32x4_s(z);
      const z1 = f64x2.convert_low_i32x4_s(v128.shuffle<i64>(z, z, 1, 1));
      h0 = f64x2.sub(high, z0);
      h1 = f64x2.sub(high, z1);
      l0 = f64x2.sub(low, z0);
      l1 = f64x2.sub(low, z1);
      const zf = f32x4.convert_i32x4_s(z);
      v128.store(LEAST + i, f32x4.sub(lowest, zf));
      v128.store(MOST + i, f32x4.sub(highest, zf));
    }
    h0 = f64x2.mul(h0, s0);
    h1 = f64x2.mul(h1, s1);
    l0 = f64x2.mul(l0, s0);
    l1 = f64x2.mul(l1, s1);
    // A negative scale turns the ends round.
    const above = towardZero(f64x2.pmax(h0, l0), f64x2.pmax(h1, l1));
    const below = towardZero(f64x2.pmin(h0, l0), f64x2.pmin(h1, l1));
    v128.store(ABOVE + i, v128.bitselect(infinity, above, zero));
    v128.store(BELOW + i, v128.bitselect(f32x4.splat(-Infinity), below, zero));
  }
}

/**
 * Puts the scales of a segment into SCALE (and ZERO): one for each of the runs, or one for each of n elements. `block`
 * counts from the tile's first; `first` is the length of the first run. Returns how many there are.
 */
export function gatherScales(block: i32, n: i32, run: i32, first: i32, perElement: bool, perColumn: bool): i32 {
  const scales = address(Field.scales);
  const zeros = address(Field.zeroPoints);
  const affine = int(Field.affine) != 0;
  const reciprocals = address(Field.reciprocals);
  if (scales == 0) {
    store<f32>(SCALE, 1);
    store<f32>(RECIPROCAL, 1);
    return 1;
  }
  if (perColumn) {
    if (reciprocals) memory.copy(RECIPROCAL, reciprocals + ((<usize>block) << 2), (<usize>n) << 2);
    memory.copy(SCALE, scales + ((<usize>block) << 2), (<usize>n) << 2);
    if (affine) memory.copy(ZERO, zeros + ((<usize>block) << 2), (<usize>n) << 2);
    return n;
  }
  const runs = n <= first ? 1 : 1 + (n - first + run - 1) / run;
  if (!perElement) {
    if (reciprocals) memory.copy(RECIPROCAL, reciprocals + ((<usize>block) << 2), (<usize>runs) << 2);
    memory.copy(SCALE, scales + ((<usize>block) << 2), (<usize>runs) << 2);
    if (affine) memory.copy(ZERO, zeros + ((<usize>block) << 2), (<usize>runs) << 2);
    return runs;
  }
  let until = first;
  for (let i = 0; i < n; i++) {
    if (i == until) {
      block++;
      until += run;
    }
    store<f32>(SCALE + ((<usize>i) << 2), load<f32>(scales + ((<usize>block) << 2)));
    if (reciprocals) store<f32>(RECIPROCAL + ((<usize>i) << 2), load<f32>(reciprocals + ((<usize>block) << 2)));
    if (affine) store<i32>(ZERO + ((<usize>i) << 2), load<i32>(zeros + ((<usize>block) << 2)));
  }
  return n;
}

/** Runs shorter than this, or cut between vectors, are encoded with a scale for each element. */
// @ts-ignore: decorator
@inline export function scaledByElement(run: i32, n: i32, perColumn: bool): bool {
  return perColumn || (run < n && (run < 8 || (run & 3) != 0));
}
