/**
 * What an integer costs where a multiplier adds up one partial product for each digit that is not zero, rather than one for each bit
 * ("Exploring the performance improvement of tensor processing engines through transformation in the bit-weight dimension of MACs",
 * arXiv 2503.06342).
 */

/**
 * Ways of writing an integer in digits: two's complement and sign with magnitude, of bits; Booth's, of base 4 and digits from -2 to 2, over two's
 * complement; of base 4 and digits from -1 to 2 over the magnitude, so that no digit waits for its neighbour's sign; and the non-adjacent
 * form, of base 2 and digits from -1 to 1, which has the fewest.
 */
export type Digits = "complement" | "magnitude" | "booth" | "quaternary" | "nonadjacent";

/** Digits of `code` that are not zero; `bits` is its width in two's complement, which has to hold it: 32 at the most. */
export function nonZeroDigits(code: number, digits: Digits, bits: number): number {
  let count = 0;
  switch (digits) {
    case "complement":
      for (let i = 0; i < bits; i++) count += (code >> i) & 1;
      return count;
    case "booth":
      // b[2i-1] + b[2i] - 2 b[2i+1] is zero where all three are alike; beyond the width bits are the sign's.
      for (let i = 0; i < bits; i += 2) {
        const [low, mid, high] = [
          i === 0 ? 0 : (code >> (i - 1)) & 1,
          (code >> i) & 1,
          (code >> Math.min(i + 1, 31)) & 1,
        ];
        if (low + mid - 2 * high !== 0) count++;
      }
      return count;
    case "nonadjacent":
      // Bits where 3 m and m differ are those of the digits.
      for (
        let m = Math.abs(code), three = 3 * m;
        three > 0 || m > 0;
        three = Math.floor(three / 2), m = Math.floor(m / 2)
      )
        count += (three % 2) ^ (m % 2);
      return count;
    default: {
      const base = digits === "magnitude" ? 2 : 4;
      for (let m = Math.abs(code); m > 0; ) {
        const digit = m % base === 3 ? -1 : m % base;
        if (digit !== 0) count++;
        m = (m - digit) / base;
      }
      return count;
    }
  }
}
