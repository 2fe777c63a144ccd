// The cost of a scale for integers and floats rounded to the nearest, without codes and counts: what `encode.ts` does for
// the results, and the sum of |e|^p on the way. Where float32 does not decide a code there is no cost: the exact way has it.
import { Field, Kind, Mode } from "../fields";
import { LANES, clearLanes, sumOf, term, total } from "./costs";
import { field, int } from "./memory";

let integer: bool = false;
let even: bool = false;
let leastScale: f32 = 0;
let mostScale: f32 = 0;
let near: f32 = 0;
let lowest: f32 = 0;
let highest: f32 = 0;
let magicInteger: f32 = 0;
let magicFloat: i32 = 0;
let leastExponent: i32 = 0;

/** Takes up an element's fields; false where its codes are found another way. */
export function startLean(): bool {
  const kind = int(Field.kind);
  integer = kind == Kind.integer;
  if ((!integer && kind != Kind.float) || int(Field.library)) return false;
  even = int(Field.mode) == Mode.rne;
  leastScale = <f32>field(Field.leastScale);
  mostScale = <f32>field(Field.mostScale);
  near = <f32>field(Field.nearTie);
  lowest = <f32>field(Field.lowest);
  highest = <f32>field(Field.highest);
  magicInteger = integer ? <f32>field(Field.magic) : 0;
  magicFloat = integer ? 0 : int(Field.magic);
  leastExponent = integer ? 0 : int(Field.leastExponent);
  return true;
}

/** The cost under scale s and zero point z, `limit` or more where it is certain to be no less; -1 where it is not certain. */
export function leanCost(s: f32, z: i32, x: usize, n: i32, p: f64, shift: f64, limit: f64): f64 {
  const size = integer ? Mathf.abs(s) : s;
  if (!(size >= leastScale && size <= mostScale)) return -1;
  clearLanes();
  if (integer) {
    if (p == 2) return integerSquares(s, z, x, n, limit);
    if (p == 1) return integerMagnitudes(s, z, x, n, limit);
    return integerPowers(s, z, x, n, p, shift, limit);
  }
  if (p == 2) return floatSquares(s, x, n, limit);
  if (p == 1) return floatMagnitudes(s, x, n, limit);
  return floatPowers(s, x, n, p, shift, limit);
}

/** `whole` and `kind` are literals where this is called. */
// @ts-ignore: decorator
@inline function costOf(
  whole: bool, kind: i32, s: f32, z: i32, x: usize, n: i32, p: f64, shift: f64, limit: f64,
): f64 {
  const exponentBits = i32x4.splat(0x7f800000);
  const nothing = i32x4.splat(0);
  const scale = f32x4.splat(s);
  const inverse = f32x4.splat(1 / s);
  const tie = f32x4.splat(even && (reinterpret<u32>(s) & 0x7fffff) == 0 ? Infinity : near);
  const least = f32x4.splat(lowest - <f32>z);
  const most = f32x4.splat(highest - <f32>z);
  const magic4 = f32x4.splat(magicInteger);
  const turned = i32x4.splat(magicFloat);
  const bottom = i32x4.splat(leastExponent);
  const powers = f64x2.splat(p);
  const shifts = f64x2.splat(shift);
  let ok = i32x4.splat(-1);
  let first = f64x2.splat(0);
  let second = first;
  const end = (<usize>n) << 2;
  const full = end & ~15;
  for (let i: usize = 0; i < end; i += 16) {
    let v = v128.load(x + i);
    // Beyond the end stands anything: zeros are sure to have a code, and their errors are taken out below.
    if (i == full) v = v128.and(v, rest((end - i) >> 2));
    const q = f32x4.mul(v, inverse);
    let r: v128;
    if (whole) {
      r = f32x4.sub(f32x4.add(q, magic4), magic4);
      ok = v128.and(ok, f32x4.lt(f32x4.abs(f32x4.sub(q, r)), tie));
    } else {
      const exponent = i32x4.max_s(v128.and(q, exponentBits), bottom);
      const magic = i32x4.add(exponent, turned);
      r = f32x4.sub(f32x4.add(q, magic), magic);
      ok = v128.and(ok, f32x4.lt(f32x4.abs(f32x4.sub(q, r)), f32x4.mul(exponent, tie)));
      ok = v128.and(ok, i32x4.gt_s(magic, nothing));
    }
    r = f32x4.pmin(f32x4.pmax(r, least), most);
    let e = f32x4.sub(v, f32x4.mul(r, scale));
    if (i == full) e = v128.and(e, rest((end - i) >> 2));
    first = f64x2.add(first, term(kind, f64x2.promote_low_f32x4(e), powers, shifts));
    second = f64x2.add(second, term(kind, f64x2.promote_low_f32x4(v128.shuffle<i64>(e, e, 1, 1)), powers, shifts));
    // Sums of what is never negative only grow, rounded or not.
    if ((i & 112) == 112 && sumOf(first, second) >= limit) return i32x4.bitmask(ok) == 15 ? limit : -1;
  }
  if (i32x4.bitmask(ok) != 15) return -1;
  v128.store(LANES, first);
  v128.store(LANES, second, 16);
  return total();
}

/** A mask of the first k lanes of four. */
// @ts-ignore: decorator
@inline function rest(k: usize): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>k));
}

function integerSquares(s: f32, z: i32, x: usize, n: i32, limit: f64): f64 {
  return costOf(true, 2, s, z, x, n, 0, 0, limit);
}

function integerMagnitudes(s: f32, z: i32, x: usize, n: i32, limit: f64): f64 {
  return costOf(true, 1, s, z, x, n, 0, 0, limit);
}

function integerPowers(s: f32, z: i32, x: usize, n: i32, p: f64, shift: f64, limit: f64): f64 {
  return costOf(true, 0, s, z, x, n, p, shift, limit);
}

function floatSquares(s: f32, x: usize, n: i32, limit: f64): f64 {
  return costOf(false, 2, s, 0, x, n, 0, 0, limit);
}

function floatMagnitudes(s: f32, x: usize, n: i32, limit: f64): f64 {
  return costOf(false, 1, s, 0, x, n, 0, 0, limit);
}

function floatPowers(s: f32, x: usize, n: i32, p: f64, shift: f64, limit: f64): f64 {
  return costOf(false, 0, s, 0, x, n, p, shift, limit);
}
