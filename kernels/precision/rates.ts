/** What error there has to be at a rate on a Gaussian: Shannon's limit, and the best scalar books with codes of a fixed length. */

/** The least squared error that any code of so many bits a value has on N(0, 1): 2^(-2R) (Shannon 1959). */
export const gaussianLimit = (bits: number): number => 2 ** (-2 * bits);

/** The squared error of Lloyd and Max's books on N(0, 1), from 1 bit on (Max 1960; the digits by integration). */
export const LLOYD_MAX: readonly number[] = [
  0.363380228, 0.117481848, 0.0345477608, 0.00950100801, 0.00250466836, 0.000644239665,
];

/** Bits of so small an error that a code has beyond the limit: never below zero on a Gaussian. `nmse` is over the variance. */
export const bitsAboveLimit = (bits: number, nmse: number): number => bits + Math.log2(nmse) / 2;

/**
 * Bits that a code takes beyond Lloyd and Max's at the same error, between whose whole bits the logarithm of the error is taken in
 * proportion; below zero where it takes fewer. Null where they have no such error.
 */
export function bitsAboveLloyd(bits: number, nmse: number): number | null {
  const last = LLOYD_MAX.length - 1;
  if (!(nmse <= LLOYD_MAX[0] && nmse >= LLOYD_MAX[last])) return null;
  let i = 0;
  while (i < last - 1 && nmse < LLOYD_MAX[i + 1]) i++;
  const share = Math.log(LLOYD_MAX[i] / nmse) / Math.log(LLOYD_MAX[i] / LLOYD_MAX[i + 1]);
  return bits - (i + 1 + share);
}
