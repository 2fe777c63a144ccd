// Random words: Threefry-2x32 with 20 rounds, keyed by the seed (the elements' stream is 0), counted by the element's
// row-major index in the matrix. Salmon, Moraes, Dror, Shaw, SC 2011; see kernels/random/threefry.ts.
import { Field } from "../fields";
import { field } from "./memory";

/** Decides what float64 cannot, by the reference's own arithmetic. */
// @ts-ignore: decorator
@external("env", "stochasticUp")
declare function decideElsewhere(num: f64, den: f64, lower: f64, upper: f64, bits: i32, word: u32): bool;

/** Index of the element at `start`. */
let first: u64 = 0;
let start: usize = 0;

/** The element at address `at` has this index. */
export function placeDraws(at: usize, index: u64): void {
  start = at;
  first = index;
  last = 0;
}

// @ts-ignore: decorator
@inline function rotate(v: v128, by: i32): v128 {
  return v128.or(i32x4.shl(v, by), i32x4.shr_u(v, 32 - by));
}

/** The words of the elements whose indices have these low and high halves. */
// @ts-ignore: decorator
@inline function threefry(seed: i32, low: v128, high: v128): v128 {
  const key0 = i32x4.splat(seed);
  const key2 = i32x4.splat(0x1bd11bda ^ seed);
  let a = i32x4.add(low, key0);
  let b = high;
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 13), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 15), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 26), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 6), a);
  b = i32x4.add(b, i32x4.add(key2, i32x4.splat(1)));
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 17), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 29), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 16), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 24), a);
  a = i32x4.add(a, key2);
  b = i32x4.add(b, i32x4.add(key0, i32x4.splat(2)));
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 13), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 15), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 26), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 6), a);
  a = i32x4.add(a, key0);
  b = i32x4.add(b, i32x4.splat(3));
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 17), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 29), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 16), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 24), a);
  b = i32x4.add(b, i32x4.add(key2, i32x4.splat(4)));
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 13), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 15), a);
  a = i32x4.add(a, b); b = v128.xor(rotate(b, 26), a);
  a = i32x4.add(a, b);
  return i32x4.add(a, key2);
}

/** The words of the four elements from address `at` on. */
// @ts-ignore: decorator
@inline export function drawFour(seed: i32, at: usize): v128 {
  const index = first + <u64>((at - start) >> 2);
  const base = i32x4.splat(<i32>index);
  const low = i32x4.add(base, i32x4(0, 1, 2, 3));
  // Where the low half wraps, the high half goes on.
  const high = i32x4.sub(i32x4.splat(<i32>(index >> 32)), i32x4.lt_u(low, base));
  return threefry(seed, low, high);
}

/** The words drawn last, for elements one by one, and the first of the four elements they belong to; 0 for none. */
const LAST: usize = memory.data(16, 16);
let last: usize = 0;

/** The word of the element at address `at`. */
export function drawOne(at: usize): u32 {
  const four = start + ((at - start) & ~15);
  if (four != last) {
    v128.store(LAST, drawFour(<i32><u32>field(Field.seed), four));
    last = four;
  }
  return load<u32>(LAST + (at - four));
}

/**
 * Whether num/den, between two neighbours, goes up under these random bits: floor(fraction * 2^bits) + r >= 2^bits, that
 * is num/den >= (lower * r + upper * (2^bits - r)) / 2^bits.
 */
export function drawsUp(num: f64, den: f64, lower: f64, upper: f64, word: u32): bool {
  const bits = <i32>field(Field.randomBits);
  const all = <f64>(<u64>1 << bits);
  const r = <f64>(word >> (32 - bits));
  const threshold = (lower * r + upper * (all - r)) / all;
  const above = num - threshold * den;
  if (Math.abs(above) > (Math.abs(lower) + Math.abs(upper)) * Math.abs(den) * 1.4210854715202004e-14) {
    return den > 0 ? above > 0 : above < 0;
  }
  return decideElsewhere(num, den, lower, upper, bits, word);
}
