// The fast paths of integers and floats. A code is found by float32 arithmetic: q = x * fl32(1/s), rounded by adding and
// subtracting a number so large that the sum has no room for less than a quantum. q lies within two units in the last
// place of x/s; where it comes nearer than that to a middle between two levels, its group goes the exact path.
import { Field, Kind } from "../fields";
import { encodeBook } from "./book";
import { drawFour } from "./draw";
import { encodeExact } from "./exact";
import {
  ABOVE, BELOW, INVERSE, LEAST, LIMIT, MOST, SCALE, SUM_FLUSHED, SUM_SATURATED, ZERO, addSum, address, field, int,
} from "./memory";
import { gatherScales, prepareScales, scaledByElement } from "./prepare";

/** Sum of the four int32 lanes. */
// @ts-ignore: decorator
@inline export function sumLanes(v: v128): i32 {
  const a = i32x4.add(v, v128.shuffle<i64>(v, v, 1, 0));
  return i32x4.extract_lane(a, 0) + i32x4.extract_lane(a, 1);
}

/**
 * `kind`, `library`, `affine`, `perElement` and `mantissa` are literals where this is called, so that each call is a loop
 * of its own. `mantissa` is not 0 where it is known: a shift by a literal is one instruction, by a variable four.
 *
 * Rounding at random needs no neighbours: the code is floor(q + r), in quanta, for a random r from 0 to 1; it is certain
 * unless q + r lies next to an integer.
 */
// @ts-ignore: decorator
@inline function encodeRuns(
  kind: i32, library: bool, affine: bool, perElement: bool, mantissa: i32,
  u: usize, y: usize, c: usize, n: i32, run: i32, first: i32,
): void {
  const integer = kind == Kind.integer || kind == Kind.randomInteger;
  const random = kind == Kind.randomInteger || kind == Kind.randomFloat;
  const lowEnd = f32x4.splat(<f32>field(Field.endLow));
  const highEnd = f32x4.splat(<f32>field(Field.endHigh));
  const seed = <i32><u32>field(Field.seed);
  const drawShift = 32 - int(Field.randomBits);
  const drawUnit = f32x4.splat(<f32>(1 / <f64>(<u64>1 << int(Field.randomBits))));
  const unsure = f32x4.splat(<f32>field(Field.nearTie));
  const unsignedBits = i32x4.splat(0x7fffffff);
  const exponentBits = i32x4.splat(0x7f800000);
  const nothing = i32x4.splat(0);
  const all = i32x4.splat(-1);
  const lowest = f32x4.splat(<f32>field(Field.lowest));
  const highest = f32x4.splat(<f32>field(Field.highest));
  const codeMask = i32x4.splat((1 << int(Field.codeBits)) - 1);
  // Integers: 1.5 * 2^23 quanta, where float32 holds multiples of the quantum only.
  const magicInteger = f32x4.splat(<f32>field(Field.magic));
  // Floats: what turns the bits of 2^e into those of 1.5 * 2^(e + 23 - mantissa).
  const magicFloat = i32x4.splat(int(Field.magic));
  const leastExponent = i32x4.splat(int(Field.leastExponent));
  const implicitBit = i32x4.splat(0x800000);
  const codeShift = mantissa ? 23 - mantissa : int(Field.mantissaShift);
  // The one format with a loop of its own is E2M1.
  const signShift = mantissa ? 28 : 32 - int(Field.codeBits);
  const signBit = i32x4.splat(<i32>0x80000000);
  const signOfZero = int(Field.minusZero) ? signBit : nothing;
  let saturated = nothing;
  let flushed = nothing;

  const end = (<usize>n) << 2;
  let i: usize = 0;
  let b: usize = 0;
  let stop: usize = perElement ? end : min(end, (<usize>first) << 2);
  while (i < end) {
    let s = v128.load32_splat(SCALE + b);
    let inverse = v128.load32_splat(INVERSE + b);
    let limit = v128.load32_splat(LIMIT + b);
    let above = v128.load32_splat(ABOVE + b);
    let below = v128.load32_splat(BELOW + b);
    let least = affine ? v128.load32_splat(LEAST + b) : lowest;
    let most = affine ? v128.load32_splat(MOST + b) : highest;
    let zero = affine ? v128.load32_splat(ZERO + b) : nothing;
    const whole = i + ((stop - i) & ~15);
    while (i < whole) {
      const from = i;
      const to = min(i + 64, whole);
      let ok = all;
      let over = nothing;
      let zeros = nothing;
      for (; i < to; i += 16) {
        if (perElement) {
          s = v128.load(SCALE + i);
          inverse = v128.load(INVERSE + i);
          limit = v128.load(LIMIT + i);
          above = v128.load(ABOVE + i);
          below = v128.load(BELOW + i);
          if (affine) {
            least = v128.load(LEAST + i);
            most = v128.load(MOST + i);
            zero = v128.load(ZERO + i);
          }
        }
        const x = v128.load(u + i);
        const q = f32x4.mul(x, inverse);
        let r: v128;
        let code: v128;
        let fraction: v128 = nothing;
        if (random) {
          const word = i32x4.shr_u(drawFour(seed, u + i), drawShift);
          fraction = f32x4.mul(f32x4.convert_i32x4_u(word), drawUnit);
        }
        if (integer) {
          if (random) {
            const v = f32x4.add(q, fraction);
            ok = v128.and(ok, f32x4.ge(f32x4.abs(f32x4.sub(v, f32x4.nearest(v))), unsure));
            r = f32x4.floor(v);
          } else {
            r = f32x4.sub(f32x4.add(q, magicInteger), magicInteger);
            ok = v128.and(ok, f32x4.lt(f32x4.abs(f32x4.sub(q, r)), limit));
          }
          r = f32x4.pmin(f32x4.pmax(r, least), most);
          code = f32x4.add(r, magicInteger);
          if (affine) code = i32x4.add(code, zero);
          code = v128.and(code, codeMask);
        } else {
          const exponent = i32x4.max_s(v128.and(q, exponentBits), leastExponent);
          const magic = i32x4.add(exponent, magicFloat);
          if (random) {
            // The quantum 2^(e - mantissa) must be a normal number; its inverse brings q to quanta.
            const shift = i32x4.shl(i32x4.splat(23 - codeShift), 23);
            const quantum = i32x4.sub(exponent, shift);
            ok = v128.and(ok, i32x4.ge_s(quantum, implicitBit));
            const v = f32x4.add(f32x4.mul(q, i32x4.add(i32x4.sub(i32x4.splat(254 << 23), exponent), shift)), fraction);
            ok = v128.and(ok, f32x4.ge(f32x4.abs(f32x4.sub(v, f32x4.nearest(v))), unsure));
            r = f32x4.mul(f32x4.floor(v), quantum);
          } else {
            r = f32x4.sub(f32x4.add(q, magic), magic);
            ok = v128.and(ok, f32x4.lt(f32x4.abs(f32x4.sub(q, r)), f32x4.mul(exponent, limit)));
          }
          // Beyond float32 there is no such number for the largest exponents.
          if (!mantissa) ok = v128.and(ok, i32x4.gt_s(magic, nothing));
          r = f32x4.pmin(f32x4.pmax(r, lowest), highest);
          r = v128.or(r, v128.and(x, signOfZero));
          const a = v128.and(r, unsignedBits);
          // Subnormals have their code in the mantissa once 2^emin is added; for all others the bits themselves are greater.
          const m = i32x4.max_s(i32x4.add(a, implicitBit), f32x4.add(a, leastExponent));
          code = i32x4.shr_u(i32x4.sub(m, leastExponent), codeShift);
          code = v128.or(code, i32x4.shr_u(v128.and(r, signBit), signShift));
        }
        let result = f32x4.mul(r, s);
        // An integer's zero has no sign.
        if (integer) result = f32x4.add(result, nothing);
        v128.store(y + i, result);
        v128.store(c + i, code);
        if (library) over = i32x4.add(over, v128.or(f32x4.gt(q, highEnd), f32x4.lt(q, lowEnd)));
        else over = i32x4.add(over, v128.or(f32x4.gt(x, above), f32x4.lt(x, below)));
        zeros = i32x4.add(zeros, v128.andnot(f32x4.eq(r, nothing), f32x4.eq(x, nothing)));
      }
      if (i32x4.bitmask(ok) == 15) {
        saturated = i32x4.sub(saturated, over);
        flushed = i32x4.sub(flushed, zeros);
      } else {
        const at = perElement ? from : b;
        encodeExact(u + from, y + from, c + from, <i32>((to - from) >> 2), SCALE + at, ZERO + at, perElement ? 4 : 0);
      }
    }
    if (i < stop) {
      const at = perElement ? i : b;
      encodeExact(u + i, y + i, c + i, <i32>((stop - i) >> 2), SCALE + at, ZERO + at, perElement ? 4 : 0);
    }
    i = stop;
    b += 4;
    stop = min(end, stop + ((<usize>run) << 2));
  }
  addSum(SUM_SATURATED, sumLanes(saturated));
  addSum(SUM_FLUSHED, sumLanes(flushed));
}

function integerByRun(u: usize, y: usize, c: usize, n: i32, run: i32, first: i32): void {
  encodeRuns(Kind.integer, false, false, false, 0, u, y, c, n, run, first);
}

function integerByElement(u: usize, y: usize, c: usize, n: i32): void {
  encodeRuns(Kind.integer, false, false, true, 0, u, y, c, n, n, n);
}

function affineByRun(u: usize, y: usize, c: usize, n: i32, run: i32, first: i32): void {
  encodeRuns(Kind.integer, false, true, false, 0, u, y, c, n, run, first);
}

function affineByElement(u: usize, y: usize, c: usize, n: i32): void {
  encodeRuns(Kind.integer, false, true, true, 0, u, y, c, n, n, n);
}

function floatByRun(u: usize, y: usize, c: usize, n: i32, run: i32, first: i32): void {
  encodeRuns(Kind.float, false, false, false, 0, u, y, c, n, run, first);
}

function e2m1ByRun(u: usize, y: usize, c: usize, n: i32, run: i32, first: i32): void {
  encodeRuns(Kind.float, false, false, false, 1, u, y, c, n, run, first);
}

function floatByElement(u: usize, y: usize, c: usize, n: i32): void {
  encodeRuns(Kind.float, false, false, true, 0, u, y, c, n, n, n);
}

function libraryFloatByRun(u: usize, y: usize, c: usize, n: i32, run: i32, first: i32): void {
  encodeRuns(Kind.float, true, false, false, 0, u, y, c, n, run, first);
}

function randomIntegerByRun(u: usize, y: usize, c: usize, n: i32, run: i32, first: i32): void {
  encodeRuns(Kind.randomInteger, false, false, false, 0, u, y, c, n, run, first);
}

function randomAffineByRun(u: usize, y: usize, c: usize, n: i32, run: i32, first: i32): void {
  encodeRuns(Kind.randomInteger, false, true, false, 0, u, y, c, n, run, first);
}

function randomFloatByRun(u: usize, y: usize, c: usize, n: i32, run: i32, first: i32): void {
  encodeRuns(Kind.randomFloat, false, false, false, 0, u, y, c, n, run, first);
}

/** Encodes n elements of a row. `block` is the block of the first, of which `first` elements are left. */
export function encodeSegment(u: usize, y: usize, c: usize, n: i32, block: i32, run: i32, first: i32): void {
  const kind = int(Field.kind);
  if (kind == Kind.copy) {
    memory.copy(y, u, (<usize>n) << 2);
    return;
  }
  const perColumn = int(Field.perColumn) != 0;
  const unscaled = address(Field.scales) == 0;
  const byElement = !unscaled && scaledByElement(run, n, perColumn);
  const scales = gatherScales(block, n, run, first, byElement, perColumn);
  if (byElement && int(Field.library)) return encodeExact(u, y, c, n, SCALE, ZERO, 4);
  if (kind == Kind.integer || kind == Kind.float) {
    prepareScales(scales);
    if (kind == Kind.float) {
      if (int(Field.library)) libraryFloatByRun(u, y, c, n, run, first);
      else if (byElement) floatByElement(u, y, c, n);
      else if (int(Field.codeBits) == 4 && int(Field.mantissaShift) == 22) e2m1ByRun(u, y, c, n, run, first);
      else floatByRun(u, y, c, n, run, first);
    } else if (int(Field.affine)) {
      if (byElement) affineByElement(u, y, c, n);
      else affineByRun(u, y, c, n, run, first);
    } else if (byElement) integerByElement(u, y, c, n);
    else integerByRun(u, y, c, n, run, first);
    return;
  }
  if (byElement) return encodeExact(u, y, c, n, SCALE, ZERO, 4);
  if (kind == Kind.randomInteger || kind == Kind.randomFloat) {
    prepareScales(scales);
    if (kind == Kind.randomFloat) randomFloatByRun(u, y, c, n, run, first);
    else if (int(Field.affine)) randomAffineByRun(u, y, c, n, run, first);
    else randomIntegerByRun(u, y, c, n, run, first);
    return;
  }
  let i = 0;
  let stop = min(first, n);
  for (let b: usize = 0; i < n; b += 4) {
    const at = (<usize>i) << 2;
    if (kind == Kind.book) encodeBook(u + at, y + at, c + at, stop - i, SCALE + b);
    else encodeExact(u + at, y + at, c + at, stop - i, SCALE + b, ZERO + b, 0);
    i = stop;
    stop = min(n, stop + run);
  }
}
