import { exponentOf, highWord } from "./bits.ts";

/**
 * Exact comparison of quotients, for the few cases a double cannot decide.
 *
 * The double nearest to x/s decides x/s against a threshold t without error while t has at most 28 significant bits and
 * x and s at most 24: if x/s differs from t at all, then by at least one part in t*s*2^k, that is 2^-52, and rounding to
 * 53 bits is monotonic. Wider operands come here when the double quotient lies within a few units of t.
 */

/** x = m * 2^e with m an integer of at most 53 bits. Finite doubles only. */
function decompose(x: number): [bigint, number] {
  if (x === 0) return [0n, 0];
  const e = ((highWord(x) >>> 20) & 0x7ff) === 0 ? -1074 : exponentOf(x) - 52;
  // Two steps, since 2^-e alone can overflow.
  const half = Math.trunc(-e / 2);
  return [BigInt(x * 2 ** half * 2 ** (-e - half)), e];
}

/**
 * Sign of a sum of products of finite doubles, exactly: `signOfSum([[x], [-2, t, s]])` is the sign of x - 2ts.
 */
export function signOfSum(terms: number[][]): number {
  const products = terms
    .map((factors) => factors.map(decompose).reduce(([m, e], [fm, fe]) => [m * fm, e + fe] as [bigint, number]))
    .filter(([m]) => m !== 0n);
  if (products.length === 0) return 0;
  const least = Math.min(...products.map(([, e]) => e));
  const sum = products.reduce((s, [m, e]) => s + (m << BigInt(e - least)), 0n);
  return sum > 0n ? 1 : sum < 0n ? -1 : 0;
}

/** The upper 26 bits of a double, so that products of such parts are exact (Veltkamp). */
function upperHalf(x: number): number {
  const c = 134217729 * x;
  return c - (c - x);
}

/** True only where q * den is n exactly, by Dekker's error-free product: then the double quotient decides everything. */
export function dividesExactly(n: number, den: number, q: number): boolean {
  if (q * den !== n) return false;
  const [qh, dh] = [upperHalf(q), upperHalf(den)];
  const [ql, dl] = [q - qh, den - dh];
  return qh * dh - n + qh * dl + ql * dh + ql * dl === 0;
}

/** True where a double quotient is too close to t for the double to decide by itself. */
export function nearTie(q: number, t: number): boolean {
  return Math.abs(q - t) <= Math.abs(t) * 2 ** -50;
}

/**
 * (hi + lo)/den rounded once to float32, nearest even. `hi` and `lo` are doubles whose sum is the exact numerator,
 * den a double. A double quotient rounded again would err where it falls on the middle between two float32.
 */
export function ratioToFloat32(hi: number, lo: number, den: number): number {
  const q = (hi + lo) / den;
  const f = Math.fround(q);
  // Nearly always a little more or less would round to the same.
  if (Math.fround(q * (1 + 2 ** -50)) === f && Math.fround(q * (1 - 2 ** -50)) === f) return f;
  if (q === 0 || !Number.isFinite(f)) return f;
  const quantum = 2 ** (Math.max(exponentOf(f), -126) - 23);
  // The rounding boundary next to q on its side of f, where an error of the double quotient could matter.
  const middle = f + (q >= f ? 0.5 : -0.5) * quantum;
  if (!nearTie(q, middle)) return f;
  const side = signOfSum([[hi], [lo], [-middle, den]]) * Math.sign(den);
  if (side === 0) return Math.fround(middle);
  return Math.fround(middle + (side * quantum) / 4);
}
