export interface WaterBounds {
  least?: number;
  most?: number;
}

/**
 * The bits of each channel that lose least at a mean of so many: mean + log2(variance / geometric mean) / 2, for as long as that lies
 * between the bounds; what does not is put at its bound, and the others share what that leaves (reverse water-filling; Cover and Thomas,
 * "Elements of information theory", 10.3.3). A channel without variance gets the least.
 *
 * @throws {RangeError} where no bits between the bounds have such a mean.
 */
export function waterFilling(
  variances: ArrayLike<number>,
  mean: number,
  { least = 0, most = Number.POSITIVE_INFINITY }: WaterBounds = {},
): Float64Array {
  if (!(mean >= least && mean <= most))
    throw new RangeError(`a mean of ${mean} bits is not within ${least} to ${most}`);
  const n = variances.length;
  const half = Float64Array.from(variances, (v) => Math.log2(v) / 2);
  const bitsAt = (level: number) => half.map((h) => Math.min(most, Math.max(least, h + level)));
  const meanAt = (level: number) => bitsAt(level).reduce((sum, b) => sum + b, 0) / n;
  const finite = half.filter(Number.isFinite);
  if (finite.length === 0) return new Float64Array(n).fill(least);
  // The mean rises with the level: from `least` below the one to `most` above the other.
  let low = least - finite.reduce((a, b) => Math.max(a, b));
  let high = low + 1;
  while (meanAt(high) < mean && high < low + 2 ** 20) high = low + 2 * (high - low);
  for (let i = 0; i < 200 && low < high; i++) {
    const middle = low + (high - low) / 2;
    if (middle === low || middle === high) break;
    if (meanAt(middle) < mean) low = middle;
    else high = middle;
  }
  return bitsAt(high);
}
