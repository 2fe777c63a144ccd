/**
 * The points of E8P, and of the one-bit book for what it leaves: constants of QuIP# (Tseng and others, arXiv 2402.04396), as
 * `latticee8_padded12_rvq3bit.py` and `..._rvq4bit.py` of github.com/Cornell-RelaxML/quip-sharp have them.
 */

/** Magnitudes, 256 x 8: the 227 of the half-integer points of even sum within a norm of 10, in ascending order, then 29 of norm 12. */
export function magnitudes(): Float32Array {
  const found: number[][] = [];
  const grow = (so: number[], norm: number): void => {
    if (norm > 10) return;
    // Signs make the sum of any magnitudes even.
    if (so.length === 8) found.push(so);
    else for (const a of [0.5, 1.5, 2.5]) grow([...so, a], norm + a * a);
  };
  grow([], 0);
  return Float32Array.from([...found, ...NORM_12.map((row) => [...row].map((digit) => Number(digit) / 2))].flat());
}

/** Halves. An older file of QuIP# has 13331133 twice, the second time in the place of 11331333. */
const NORM_12 =
  "31113333 13113333 11313333 11133333 33313311 33313131 33311331 33313113 33311313 33311133 33133311 33133131 33131331 33133113 33131313 33131133 31333311 31333131 31331331 31333113 31331313 13331133 13333311 13333131 13331331 13333113 13331313 11331333 33113331".split(
    " ",
  );

/** Whether the signs of a row of magnitudes are odd in number: where its sum is odd. */
export const isOdd = (rows: Float32Array, row: number): boolean => {
  let sum = 0;
  for (let d = 0; d < 8; d++) sum += rows[row * 8 + d];
  return sum % 2 === 1;
};

/** The bit of each dimension's sign in the low byte of a code: even dimensions first. */
export const SIGN_BIT = [0, 4, 1, 5, 2, 6, 3, 7];

/** The number of ones of a byte is odd. */
export const parityOf = (byte: number): number => {
  const half = byte ^ (byte >> 4);
  return (0x6996 >> (half & 15)) & 1;
};

/**
 * The point of a code of 16 bits: magnitudes in the upper byte, signs in the lower, whose parity shifts the point by -1/4 rather than by
 * 1/4 and then counts into the first sign. The last sign is turned where magnitudes are odd.
 */
export function pointOf(rows: Float32Array, code: number, into: Float32Array, at: number): void {
  const row = code >> 8;
  const parity = parityOf(code & 255);
  const signs = (code & 255) ^ parity;
  const odd = isOdd(rows, row);
  for (let d = 0; d < 8; d++) {
    const turned = ((signs >> SIGN_BIT[d]) & 1) ^ (d === 7 && odd ? 1 : 0);
    into[at + d] = (turned ? -rows[row * 8 + d] : rows[row * 8 + d]) + (parity ? -0.25 : 0.25);
  }
}

/** The book of one bit a value: 256 x 8 points of E8 itself, those within a norm of 2 in ascending order, integers first; then 15 of norm 4. */
export function oneBitBook(): Float32Array {
  const found: number[][] = [];
  const grow = (so: number[], norm: number, steps: readonly number[]): void => {
    if (norm > 2) return;
    if (so.length < 8) for (const a of steps) grow([...so, a], norm + a * a, steps);
    else if (so.reduce((a, b) => a + b) % 2 === 0) found.push(so);
  };
  grow([], 0, [-1, 0, 1]);
  grow([], 0, [-0.5, 0.5]);
  for (let i = 0; i < 15; i++) found.push(Array.from({ length: 8 }, (_, d) => (d === i % 8 ? (i < 8 ? 2 : -2) : 0)));
  return Float32Array.from(found.flat());
}
