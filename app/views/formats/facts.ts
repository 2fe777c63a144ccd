/** What is told of a format: its range, its precision, its special codes. */
import { type Format, formatRange } from "../../../kernels/formats/index.ts";
import { bitsAboveLimit, bitsAboveLloyd } from "../../../kernels/precision/rates.ts";
import { formatCount, formatExact, formatNumber, powerOfTwo } from "../../charts/numbers.ts";
import { clipOf, gaussianDb, noClipReason } from "./gaussian.ts";
import { codesOf, type Shown, valueOfCode } from "./readFormat.ts";

export interface Fact {
  name: string;
  /** As shown. */
  text: string;
  /** What it is, or why there is none. */
  title?: string;
}

/** Facts in a fixed order, so that those of two formats stand side by side. */
export function factsOf({ format, centred }: Shown): Fact[] {
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
    ...gaussianFacts(centred, range.bits),
  ];
}

const ON_GAUSSIAN =
  "Expected squared error on normally distributed values of unit variance, at the scale where it is least; the clip is where the largest level stands then";

function gaussianFacts(centred: Shown["centred"], bits: number): Fact[] {
  const clip = clipOf(centred);
  const title = clip ? ON_GAUSSIAN : (noClipReason(centred) ?? undefined);
  return [
    { name: "Gaussian SQNR, dB", text: clip ? gaussianDb(clip).toFixed(2) : "–", title },
    { name: "Gaussian squared error", text: clip ? formatNumber(clip.mse, 4) : "–", title },
    { name: "best clip, σ", text: clip ? clip.clip.toFixed(3) : "–", title },
    {
      name: "bits above 2^(−2R)",
      text: clip ? bitsAboveLimit(bits, clip.mse).toFixed(3) : "–",
      title: clip ? "bits beyond those that any code with this squared error needs on a Gaussian" : title,
    },
    {
      name: "bits above Lloyd–Max",
      text: aboveLloyd(bits, clip),
      title: clip
        ? "bits beyond those of the best scalar book with this squared error, between whole bits in proportion"
        : title,
    },
  ];
}

function aboveLloyd(bits: number, clip: ReturnType<typeof clipOf>): string {
  const above = clip && bitsAboveLloyd(bits, clip.mse);
  return above === null ? "–" : above.toFixed(3).replace("-", "−");
}

const exactOrPower = (v: number): string => {
  const exponent = Math.log2(v);
  return Number.isInteger(exponent) && Math.abs(exponent) > 6
    ? `${formatNumber(v)} = ${powerOfTwo(exponent)}`
    : formatExact(v);
};

/** Bits of precision of a normal number, the hidden one included; `null` where spacing is not relative. */
function significandBits(format: Format): number | null {
  if (format.kind === "identity") return 24;
  return format.kind === "float" ? format.mantissaBits + (format.exponentBits > 0 ? 1 : 0) : null;
}

/** How many codes stand for zero, infinity and NaN. */
export function specialCodes(format: Format): { zeros: number; infinities: number; nans: number } {
  if (format.kind === "identity") return { zeros: 2, infinities: 2, nans: 2 ** 24 - 2 };
  if (format.kind === "float" && format.subnormals) {
    const signs = format.signed ? 2 : 1;
    const ieee = format.top === "ieee";
    if (format.top === "p3109") return { zeros: 1, infinities: signs, nans: 1 };
    return {
      zeros: format.top === "fnuz" ? 1 : signs,
      infinities: ieee ? signs : 0,
      nans: ieee ? signs * (2 ** format.mantissaBits - 1) : { none: 0, nan: signs, fnuz: 1 }[format.top as "none"],
    };
  }
  const counts = { zeros: 0, infinities: 0, nans: 0 };
  for (let code = 0; code < codesOf(format); code++) {
    const value = valueOfCode(format, code);
    if (value === 0) counts.zeros++;
    else if (Number.isNaN(value)) counts.nans++;
    else if (!Number.isFinite(value)) counts.infinities++;
  }
  return counts;
}
