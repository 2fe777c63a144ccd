// The exact path, one element at a time: the definition of a code as the reference backend has it, in float64.
import { Field, Kind, Mode } from "../fields";
import { SUM_FLUSHED, SUM_SATURATED, addSum, address, field, int } from "./memory";

/** Set where a value or result is not finite: the sums of the segment then go element by element. */
export let sawNonFinite: bool = false;

export function clearNonFinite(): void {
  sawNonFinite = false;
}

/** Sign of x/s - (a + b)/2 for s > 0 and float32 operands, exact whatever their widths. */
// @ts-ignore: decorator
@inline function sideOfSum(x: f64, a: f64, b: f64, s: f64): i32 {
  const p = a * s;
  const q = b * s;
  // Knuth's two-sum: h + l = p + q.
  const h = p + q;
  const pp = h - q;
  const l = p - pp + (q - (h - pp));
  const d = 2 * x - h - l;
  return d > 0 ? 1 : d < 0 ? -1 : 0;
}

/** Whether a value strictly between two neighbours goes to the upper one. */
// @ts-ignore: decorator
@inline export function takesUpper(mode: i32, side: i32, negative: bool, lowerOdd: bool): bool {
  switch (mode) {
    case Mode.rne: return side == 0 ? lowerOdd : side > 0;
    case Mode.away: return side == 0 ? !negative : side > 0;
    case Mode.inward: return side == 0 ? negative : side > 0;
    case Mode.trunc: return negative;
    case Mode.up: return true;
    case Mode.down: return false;
    default: return !lowerOdd;
  }
}

/**
 * Encodes n elements. `s` and `z` point at the scale and the zero point of the first; the next lie `stride` bytes on (0
 * where all share one). Products of a level and a scale are exact in float64, so x is compared with those.
 */
export function encodeExact(u: usize, y: usize, c: usize, n: i32, s: usize, z: usize, stride: usize): void {
  const kind = int(Field.kind);
  if (kind == Kind.exactInteger || kind == Kind.integer) encodeInteger(u, y, c, n, s, z, stride);
  else encodeLadder(u, y, c, n, s, stride);
}

function uncount(code: u32): void {
  const counts = address(Field.codeCounts);
  if (!int(Field.countCodes)) return;
  const at = counts + ((<usize>code) << 2);
  store<u32>(at, load<u32>(at) - 1);
}

function encodeLadder(u: usize, y: usize, c: usize, n: i32, s: usize, stride: usize): void {
  const levels = address(Field.levelValues);
  const codes = address(Field.levelCodes);
  const odd = address(Field.levelOdd);
  const last = int(Field.levels) - 1;
  const mode = int(Field.mode);
  const wide = int(Field.wide) != 0;
  const minusZero = <u32>int(Field.minusZero);
  const nan = int(Field.nanCode);
  const endLow = field(Field.endLow);
  const endHigh = field(Field.endHigh);
  let saturated = 0;
  let flushed = 0;
  for (let i = 0; i < n; i++, s += stride) {
    const at = (<usize>i) << 2;
    const value = load<f32>(u + at);
    const x = <f64>value;
    const scale = <f64>load<f32>(s);
    if (x - x != 0 || scale != scale) {
      sawNonFinite = true;
      let code: u32;
      if (x != x || scale != scale) {
        code = <u32>nan;
        store<f32>(y + at, <f32>NaN);
      } else {
        const rank = x * scale > 0 ? last : 0;
        code = load<u32>(codes + ((<usize>rank) << 2));
        store<f32>(y + at, <f32>(load<f64>(levels + ((<usize>rank) << 3)) * scale));
      }
      store<u32>(c + at, code);
      if (x - x != 0) uncount(code);
      continue;
    }
    // x/s = num/den with den > 0; a scale of zero stands for a quotient of zero.
    const num: f64 = scale == 0 ? 0 : scale < 0 ? -x : x;
    const den: f64 = scale == 0 ? 1 : Math.abs(scale);
    let low = 0;
    let high = last + 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (load<f64>(levels + ((<usize>middle) << 3)) * den <= num) low = middle + 1;
      else high = middle;
    }
    let rank = low - 1;
    if (rank < 0) rank = 0;
    else if (rank < last) {
      const a = load<f64>(levels + ((<usize>rank) << 3));
      const b = load<f64>(levels + ((<usize>rank) << 3), 8);
      if (a * den != num) {
        let side: i32;
        if (wide) side = sideOfSum(num, a, b, den);
        else {
          const t = (a / 2 + b / 2) * den;
          side = num > t ? 1 : num < t ? -1 : 0;
        }
        if (takesUpper(mode, side, num < 0, load<u8>(odd + rank) != 0)) rank++;
      }
    }
    if (num > endHigh * den || num < endLow * den) saturated++;
    const level = load<f64>(levels + ((<usize>rank) << 3));
    let code = load<u32>(codes + ((<usize>rank) << 2));
    if (level == 0) {
      const minus = reinterpret<u32>(value) >> 31 != 0;
      if (x != 0) flushed++;
      store<f32>(y + at, minus && minusZero ? -0.0 : 0.0);
      if (minus) code += minusZero;
    } else {
      const result = <f32>(level * scale);
      if (result - result != 0) sawNonFinite = true;
      store<f32>(y + at, result);
    }
    store<u32>(c + at, code);
  }
  addSum(SUM_SATURATED, saturated);
  addSum(SUM_FLUSHED, flushed);
}

function encodeInteger(u: usize, y: usize, c: usize, n: i32, s: usize, z: usize, stride: usize): void {
  const mode = int(Field.mode);
  const affine = int(Field.affine) != 0;
  const min = field(Field.codeMin);
  const max = field(Field.codeMax);
  const step = field(Field.step);
  const mask = (<u32>1 << int(Field.codeBits)) - 1;
  const endLow = field(Field.endLow) * step;
  const endHigh = field(Field.endHigh) * step;
  let saturated = 0;
  let flushed = 0;
  for (let i = 0; i < n; i++, s += stride, z += stride) {
    const at = (<usize>i) << 2;
    const x = <f64>load<f32>(u + at);
    const scale = <f64>load<f32>(s);
    const zero: f64 = affine ? <f64>load<i32>(z) : 0;
    const q = scale == 0 ? 0 * x : (x / scale) * step;
    let k: f64;
    const finite = x - x == 0;
    if (!finite || scale != scale) {
      sawNonFinite = true;
      if (x != x || scale != scale) {
        const code = <u32><i32>zero;
        store<f32>(y + at, <f32>NaN);
        store<u32>(c + at, code);
        if (!finite) uncount(code);
        continue;
      }
      k = x * scale > 0 ? Infinity : -Infinity;
    } else {
      k = Math.floor(q);
      if (k != q) {
        const f = q - k;
        const side = f > 0.5 ? 1 : f < 0.5 ? -1 : 0;
        if (takesUpper(mode, side, q < 0, (<i64>k) & 1 ? true : false)) k += 1;
      }
    }
    if (affine) k += zero;
    k = Math.min(max, Math.max(min, k));
    if (finite && (q + zero > endHigh || q + zero < endLow)) saturated++;
    const level = (k - zero) / step;
    if (level == 0) {
      if (x != 0) flushed++;
      store<f32>(y + at, 0);
    } else {
      const result = <f32>(level * scale);
      if (result - result != 0) sawNonFinite = true;
      store<f32>(y + at, result);
    }
    const code = (<u32><i32>k) & mask;
    store<u32>(c + at, code);
    if (!finite) uncount(code);
  }
  addSum(SUM_SATURATED, saturated);
  addSum(SUM_FLUSHED, flushed);
}
