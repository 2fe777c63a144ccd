import { fractionReaches, type Quotient } from "../quotient.ts";
import { mode, SEED } from "./mode.ts";

/** Whether stochastic rounding with `bits` random bits goes up: floor(fraction * 2^bits) + r >= 2^bits. */
export function stochasticUp(x: Quotient, lower: number, upper: number, bits: number, r: number): boolean {
  const scale = 2 ** bits;
  const fraction = (x.q - lower) / (upper - lower);
  let k = Math.min(scale - 1, Math.max(0, Math.floor(fraction * scale)));
  // x.q carries an error of half an ulp, and the subtraction may enlarge it: settle the floor exactly.
  const frac = fraction * scale - k;
  const unsure = scale * 2 ** -48 * (1 + Math.abs(x.q / (upper - lower)));
  if (frac < unsure && !fractionReaches(x, lower, upper, k, scale)) k--;
  else if (1 - frac < unsure && fractionReaches(x, lower, upper, k + 1, scale)) k++;
  return k + (bits === 32 ? r : r >>> (32 - bits)) >= scale;
}

export const sr = mode({
  name: "sr",
  entry: {
    describe: "stochastic: up with the probability of the fraction, from n random bits",
    params: [
      {
        key: "bits",
        kind: "integer",
        min: 1,
        max: 32,
        default: 24,
        describe: "random bits compared with the fraction",
      },
      SEED,
    ],
  },
  decides: {
    by: "chance",
    odds: "fraction",
    up: stochasticUp,
    python: `n = 2.0 ** mode[2]
fraction = (q - lower) / (upper - lower) * n
k = np.clip(np.floor(fraction), 0, n - 1)
unsure = n * 2.0**-48 * (1 + np.abs(q / (upper - lower)))
part = fraction - k
between = (lower <= q) & (q <= upper) & (lower < upper)
for i in np.flatnonzero(between & ((part < unsure) | (1 - part < unsure))):
    f = (ratio(hi[i], lo[i], den[i]) - Fraction(float(lower[i]))) / (Fraction(float(upper[i])) - Fraction(float(lower[i])))
    k[i] = min(max(math.floor(f * int(n)), 0), int(n) - 1)
return k + (word >> (32 - mode[2])) >= n`,
  },
});
