/** What is told of a format: its range, its precision, its special codes. */
import { type CodedFormat, type Format, formatRange, ladderOf } from "../../kernels/formats/index.ts";
import { nearestLevel } from "../charts/levels.ts";
import { formatCount, formatExact, formatNumber, powerOfTwo } from "../charts/numbers.ts";
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
    ? `${formatNumber(v)} = ${powerOfTwo(exponent)}`
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
export function relativeError(format: CodedFormat, x: number): number {
  const { levels } = ladderOf(format);
  return Math.abs(x - levels[nearestLevel(levels, x)]) / x;
}

/** Gaps between levels that are looked into in one stretch: the error is greatest at the smallest of them. */
const GAPS = 8;

/** Greatest relative error between two positive values: at an end, or half-way between two levels. */
function worstBetween(format: CodedFormat, from: number, to: number): number {
  const { middles, floor } = ladderOf(format);
  let worst = Math.max(relativeError(format, from), relativeError(format, to));
  const first = Math.max(0, floor(from));
  for (let i = first; i < Math.min(middles.length, first + GAPS) && middles[i] <= to; i++)
    if (middles[i] >= from) worst = Math.max(worst, relativeError(format, middles[i]));
  return worst;
}

/** The same for float32, whose levels are too many to list. */
function worstFloat32(from: number, to: number): number {
  const max = (2 - 2 ** -23) * 2 ** 127;
  if (to > max) return (to - max) / to;
  return Math.min(1, Math.max(2 ** -24, 2 ** -150 / from));
}

/** Greatest relative error in each of `columns` equal stretches of log2 magnitude, from `lo` to `hi` octaves. */
export function errorCurve(format: Format, lo: number, hi: number, columns: number): Float64Array {
  const at = (k: number) => 2 ** (lo + (k / columns) * (hi - lo));
  return Float64Array.from({ length: columns }, (_, k) =>
    format.kind === "identity" ? worstFloat32(at(k), at(k + 1)) : worstBetween(format, at(k), at(k + 1)),
  );
}
