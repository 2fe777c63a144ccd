import { ladderOf } from "./ladder.ts";
import type { Format } from "./types.ts";

/** What a format reaches. Magnitudes of its finite values. */
export interface FormatRange {
  bits: number;
  /** Distinct finite values. */
  levels: number;
  min: number;
  max: number;
  /** Least positive value. */
  least: number;
  /** Least value with a full significand; equals `least` where there are no subnormals. */
  leastNormal: number;
  /** log2 of the largest over the least positive value. */
  octaves: number;
}

export function formatRange(format: Format): FormatRange {
  if (format.kind === "identity") {
    const max = (2 - 2 ** -23) * 2 ** 127;
    return {
      bits: 32,
      levels: 2 ** 32 - 2 ** 24 - 1,
      min: -max,
      max,
      least: 2 ** -149,
      leastNormal: 2 ** -126,
      octaves: 277,
    };
  }
  const { levels } = ladderOf(format);
  const least = levels.find((v) => v > 0) ?? Number.NaN;
  const max = levels[levels.length - 1];
  const subnormal = format.kind === "float" && format.subnormals && format.exponentBits > 0;
  return {
    bits: format.bits,
    levels: levels.length,
    min: levels[0],
    max,
    least,
    leastNormal: subnormal ? 2 ** (1 - format.bias) : least,
    octaves: Math.log2(max / least),
  };
}
