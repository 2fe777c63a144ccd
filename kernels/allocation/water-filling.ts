export interface WaterBounds {
  /** Bits of each channel at least and at the most; one number for all. */
  least?: number | ArrayLike<number>;
  most?: number | ArrayLike<number>;
  /** Values of each channel, where these are not all as many: the mean is over values. */
  weights?: ArrayLike<number>;
}

/** Beyond it no logarithm of a variance lies. */
const WIDEST = 2 ** 40;

const at = (bound: number | ArrayLike<number>, i: number): number => (typeof bound === "number" ? bound : bound[i]);

/**
 * The bits of each channel that lose least at a mean of so many, where a channel of a variance loses variance * 2^(-2 bits) a value:
 * mean + log2(variance / geometric mean) / 2, for as long as that lies between the bounds; what does not is put at its bound, and the others
 * share what that leaves (reverse water-filling; Cover and Thomas, "Elements of information theory", 10.3.3). A channel without variance
 * gets the least.
 *
 * @throws {RangeError} where no bits between the bounds have such a mean, and for a variance that is below 0 or NaN.
 */
export function waterFilling(variances: ArrayLike<number>, mean: number, bounds: WaterBounds = {}): Float64Array {
  const { least = 0, most = Number.POSITIVE_INFINITY, weights } = bounds;
  const n = variances.length;
  for (let i = 0; i < n; i++) if (!(variances[i] >= 0)) throw new RangeError(`${variances[i]} is no variance`);
  const half = Float64Array.from(variances, (v) => Math.log2(v) / 2);
  const [lows, highs, shares] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  let all = 0;
  for (let i = 0; i < n; i++) all += weights ? weights[i] : 1;
  for (let i = 0; i < n; i++) {
    [lows[i], highs[i], shares[i]] = [at(least, i), at(most, i), (weights ? weights[i] : 1) / all];
  }
  const meanOf = (bits: Float64Array) => bits.reduce((sum, b, i) => sum + (shares[i] > 0 ? b * shares[i] : 0), 0);
  const bitsAt = (level: number) => half.map((h, i) => Math.min(highs[i], Math.max(lows[i], h + level)));
  /** The mean of those, without making them. */
  const meanAt = (level: number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += shares[i] * Math.min(highs[i], Math.max(lows[i], half[i] + level));
    return sum;
  };
  const [lowest, highest] = [meanOf(lows), meanOf(highs)];
  // Sums of bounds that are meant to be the mean differ from it by their rounding.
  const slack = 1e-12 * (1 + Math.abs(mean));
  if (!(mean >= lowest - slack && mean <= highest + slack)) {
    throw new RangeError(`a mean of ${mean} bits is not within ${lowest} to ${highest}`);
  }
  const finite = half.filter(Number.isFinite);
  if (finite.length === 0) return lows;
  // The mean rises with the level: it is looked for between one that is too low and one that is not.
  let low = mean - finite.reduce((m, h) => Math.max(m, h));
  let width = 1;
  while (meanAt(low) >= mean && width < WIDEST) low -= width *= 2;
  width = 1;
  while (meanAt(low + width) < mean - slack && width < WIDEST) width *= 2;
  let high = low + width;
  for (;;) {
    const middle = low + (high - low) / 2;
    if (!(middle > low && middle < high)) return bitsAt(high);
    if (meanAt(middle) < mean) low = middle;
    else high = middle;
  }
}
