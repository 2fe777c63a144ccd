/**
 * Elements on their way through a quantizer when only the results and two counts are wanted. The same numbers as the
 * reference encoder's, which takes over where a plan or a block is out of the ordinary.
 */

import { type BlockScale, type Encoder, makeEncoder } from "../../../codes/scalar/encoder.ts";
import { type Staircase, staircase } from "../../../codes/scalar/staircase.ts";
import type { ElementSpec } from "../../../plan/plan.ts";
import type { Scales } from "../../../scales/resolve.ts";
import { holdsCodes } from "../../../scales/zero-point.ts";

export interface StripCounts {
  saturated: number;
  flushed: number;
}

/**
 * Encodes input[from, to), a stretch of a row cut into blocks of `width` elements, the first of them `block`, and writes
 * the results. `index` is the row-major index of input[from] in the matrix.
 */
export type Strip = (
  input: Float32Array,
  from: number,
  to: number,
  width: number,
  block: number,
  index: number,
  scales: Scales,
  result: Float32Array,
  counts: StripCounts,
) => void;

/** Encoders for a plan's elements: one for anything, and a fast one for stretches without NaN and Inf, if there is one. */
export interface Strips {
  any: Strip;
  finite: Strip | null;
}

const WHOLE: BlockScale = { scale: 1, reciprocal: 1, zeroPoint: 0 };

export function makeStrips(spec: ElementSpec, scaled: boolean): Strips {
  const any = referenceStrip(makeEncoder(spec), scaled);
  const ordinary = spec.sat === "clamp" && spec.arith === "exact" && spec.ladder !== null;
  if (!ordinary) return { any, finite: null };
  if (spec.integer && spec.rounding.mode === "rne" && plainZeroPoint(spec)) {
    return { any, finite: integerStrip(spec, any) };
  }
  const stairs = spec.affine ? null : staircase(spec);
  return { any, finite: stairs && ladderStrip(spec, stairs, any) };
}

/** Whether zero points are codes themselves: the level of a zero is then zero. */
const plainZeroPoint = ({ affine, zeroPoint, integer }: ElementSpec): boolean =>
  !affine || holdsCodes(zeroPoint!.format, integer!);

function referenceStrip(encoder: Encoder, scaled: boolean): Strip {
  const scale = { ...WHOLE };
  return (input, from, to, width, block, index, scales, result, counts) => {
    for (let start = from, b = block; start < to; start += width, b++) {
      if (scaled) {
        scale.scale = scales.effective[b];
        if (scales.reciprocal.length > 0) scale.reciprocal = scales.reciprocal[b];
        if (scales.zeroPoints.length > 0) scale.zeroPoint = scales.zeroPoints[b];
      }
      encoder.run(input, start, Math.min(to, start + width), scale, index + start - from, result, null);
    }
    counts.saturated += encoder.counts.saturated;
    counts.flushed += encoder.counts.flushed;
    encoder.counts.saturated = 0;
    encoder.counts.flushed = 0;
  };
}

/** Added and taken away again, this rounds a double below 2^51 to the nearest integer, ties to even. */
const TO_INTEGER = 1.5 * 2 ** 52;

/** 1 for every integer but 0. A comparison would be a branch, and what flushes to zero cannot be foretold. */
const nonzero = (k: number): number => (k | -k) >>> 31;

function integerStrip(spec: ElementSpec, any: Strip): Strip {
  const { affine, ends } = spec;
  const { min, max, frac } = spec.integer!;
  const step = 2 ** frac;
  const [lowEnd, highEnd] = [ends.low * step, ends.high * step];
  return (input, from, to, width, block, index, scales, result, counts) => {
    const { effective, zeroPoints } = scales;
    let saturated = 0;
    let zeros = 0;
    for (let start = from, b = block; start < to; start += width, b++) {
      const end = Math.min(to, start + width);
      const scale = effective[b];
      if (scale === 0 || scale - scale !== 0) {
        any(input, start, end, width, b, index + start - from, scales, result, counts);
        continue;
      }
      const z = affine ? zeroPoints[b] : 0;
      const [low, high] = [lowEnd - z, highEnd - z];
      const [least, most] = [min - z, max - z];
      const unit = scale / step;
      let kept = 0;
      let none = 0;
      for (let i = start; i < end; i++) {
        const x = input[i];
        const q = x / unit;
        let k = q + TO_INTEGER - TO_INTEGER;
        if (k > most) k = most;
        else if (k < least) k = least;
        if (q > high || q < low) saturated++;
        kept += nonzero(k | 0);
        if (x === 0) none++;
        result[i] = k * unit;
      }
      zeros += end - start - kept - none;
    }
    counts.saturated += saturated;
    counts.flushed += zeros;
  };
}

const f64 = new Float64Array(2);
const u32 = new Uint32Array(f64.buffer);
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

function ladderStrip(spec: ElementSpec, stairs: Staircase, any: Strip): Strip {
  const { levels, zero } = spec.ladder!;
  const { shift, first, size, base, threshold } = stairs;
  const { low, high } = spec.ends;
  const last = size - 1;
  return (input, from, to, width, block, index, scales, result, counts) => {
    const { effective } = scales;
    let saturated = 0;
    let zeros = 0;
    for (let start = from, b = block; start < to; start += width, b++) {
      const end = Math.min(to, start + width);
      const scale = effective[b];
      if (scale === 0 || scale - scale !== 0) {
        any(input, start, end, width, b, index + start - from, scales, result, counts);
        continue;
      }
      let kept = 0;
      let none = 0;
      for (let i = start; i < end; i++) {
        const x = input[i];
        const q = x / scale;
        f64[0] = q;
        const word = u32[HIGH];
        // The bucket, kept in [0, last] without branches, and the sign's half of the table.
        let key = ((word & 0x7fffffff) >>> shift) - first;
        key &= ~(key >> 31);
        const over = key - last;
        key = last + (over & (over >> 31)) + ((word >> 31) & size);
        // The sign of threshold - q, which is exact, is the last step.
        f64[1] = threshold[key] - q;
        const rank = base[key] + (u32[HIGH + 2] >>> 31);
        if (q > high || q < low) saturated++;
        kept += nonzero(rank - zero);
        if (x === 0) none++;
        result[i] = levels[rank] * scale;
      }
      if (zero >= 0) zeros += end - start - kept - none;
    }
    counts.saturated += saturated;
    counts.flushed += zeros;
  };
}
