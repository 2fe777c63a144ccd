/** What is told of a format: its range, its precision, its special codes. */
import { type Format, formatRange, ladderOf } from "../../kernels/formats/index.ts";
import { formatCount, formatExact, formatNumber } from "../charts/numbers.ts";
import { codesOf, valueOfCode } from "./readFormat.ts";

export interface Fact {
  name: string;
  /** As shown. */
  text: string;
}

/** Facts in a fixed order, so that those of two formats stand side by side. */
export function factsOf(format: Format): Fact[] {
  const range = formatRange(format);
  const special = specialCodes(format);
  const digits = significandBits(format);
  return [
    { name: "bits", text: String(range.bits) },
    { name: "distinct values", text: formatCount(range.levels) },
    { name: "largest", text: formatExact(range.max) },
    { name: "smallest (most negative)", text: formatExact(range.min) },
    { name: "least normal", text: exactOrPower(range.leastNormal) },
    { name: "least positive", text: exactOrPower(range.least) },
    { name: "dynamic range, octaves", text: formatNumber(range.octaves, 4) },
    { name: "dynamic range, dB", text: formatNumber(range.octaves * 20 * Math.log10(2), 4) },
    { name: "significand, bits", text: digits === null ? "–" : String(digits) },
    { name: "decimal digits", text: digits === null ? "–" : formatNumber(digits * Math.log10(2), 3) },
    { name: "zero", text: special.zeros === 2 ? "+0 and −0" : special.zeros === 1 ? "one" : "none" },
    { name: "infinities", text: String(special.infinities) },
    { name: "NaN codes", text: formatCount(special.nans) },
  ];
}

const exactOrPower = (v: number): string => {
  const exponent = Math.log2(v);
  return Number.isInteger(exponent) && Math.abs(exponent) > 6
    ? `${formatNumber(v)} = 2^${exponent}`.replace("-", "−")
    : formatExact(v);
};

/** Bits of precision of a normal number, the hidden one included; `null` where spacing is not relative. */
export function significandBits(format: Format): number | null {
  if (format.kind === "identity") return 24;
  return format.kind === "float" ? format.mantissaBits + (format.exponentBits > 0 ? 1 : 0) : null;
}

/** How many codes stand for zero, infinity and NaN. */
export function specialCodes(format: Format): { zeros: number; infinities: number; nans: number } {
  if (format.kind === "identity") return { zeros: 2, infinities: 2, nans: 2 ** 24 - 2 };
  const counts = { zeros: 0, infinities: 0, nans: 0 };
  for (let code = 0; code < codesOf(format); code++) {
    const value = valueOfCode(format, code);
    if (value === 0) counts.zeros++;
    else if (Number.isNaN(value)) counts.nans++;
    else if (!Number.isFinite(value)) counts.infinities++;
  }
  return counts;
}

/** Relative error of rounding a positive value to the nearest level; 1 where it becomes zero. */
export function relativeError(format: Format, x: number): number {
  if (format.kind === "identity") return Math.abs(Math.fround(x) - x) / x;
  const { levels } = ladderOf(format);
  let lo = 0;
  let hi = levels.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (levels[mid] <= x) lo = mid;
    else hi = mid - 1;
  }
  const below = Math.abs(x - levels[lo]);
  const above = lo + 1 < levels.length ? Math.abs(levels[lo + 1] - x) : Infinity;
  return Math.min(below, above) / x;
}

/**
 * Greatest relative error in each of `columns` equal stretches of log2 magnitude, from `lo` to `hi` octaves.
 * Each stretch is looked at in `samples` places.
 */
export function errorCurve(format: Format, lo: number, hi: number, columns: number, samples = 12): Float64Array {
  return Float64Array.from({ length: columns }, (_, k) => {
    let worst = 0;
    for (let i = 0; i < samples; i++) {
      const x = 2 ** (lo + ((k + (i + 0.5) / samples) / columns) * (hi - lo));
      worst = Math.max(worst, relativeError(format, x));
    }
    return worst;
  });
}
