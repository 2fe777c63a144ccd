/** Exact rational arithmetic, for the oracle. The denominator is positive; fractions are not reduced. */
export interface Rational {
  n: bigint;
  d: bigint;
}

export const ZERO: Rational = { n: 0n, d: 1n };

export const integer = (n: number | bigint): Rational => ({ n: BigInt(n), d: 1n });

const words = new DataView(new ArrayBuffer(8));

/** The exact value of a finite double. */
export function exactly(x: number): Rational {
  words.setFloat64(0, x);
  const bits = words.getBigUint64(0);
  const field = Number((bits >> 52n) & 0x7ffn);
  if (field === 0x7ff) throw new Error(`${x} is not finite`);
  const fraction = bits & 0xfffffffffffffn;
  const m = field === 0 ? fraction : fraction + 0x10000000000000n;
  return scaled({ n: bits >> 63n ? -m : m, d: 1n }, Math.max(field, 1) - 1075);
}

/** r * 2^k */
export function scaled(r: Rational, k: number): Rational {
  return k >= 0 ? { n: r.n << BigInt(k), d: r.d } : { n: r.n, d: r.d << BigInt(-k) };
}

export const negate = (a: Rational): Rational => ({ n: -a.n, d: a.d });
export const add = (a: Rational, b: Rational): Rational => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
export const subtract = (a: Rational, b: Rational): Rational => add(a, negate(b));
export const multiply = (a: Rational, b: Rational): Rational => ({ n: a.n * b.n, d: a.d * b.d });
export const absolute = (a: Rational): Rational => (a.n < 0n ? negate(a) : a);

export function divide(a: Rational, b: Rational): Rational {
  if (b.n === 0n) throw new Error("division by zero");
  return b.n < 0n ? { n: -a.n * b.d, d: -a.d * b.n } : { n: a.n * b.d, d: a.d * b.n };
}

/** -1, 0 or 1 as a is below, at or above b. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The greatest integer that does not exceed r. */
export function floor(r: Rational): bigint {
  const q = r.n / r.d;
  return q * r.d > r.n ? q - 1n : q;
}

/** floor(log2 |r|), r not zero. */
export function floorLog2(r: Rational): number {
  const a = absolute(r);
  let e = a.n.toString(2).length - a.d.toString(2).length;
  if (compare(a, scaled(integer(1), e)) < 0) e--;
  return e;
}

/** The nearest integer, halves to the even one. */
export function nearestInteger(r: Rational): bigint {
  const low = floor(r);
  const side = compare(subtract(r, integer(low)), { n: 1n, d: 2n });
  return side > 0 || (side === 0 && low % 2n !== 0n) ? low + 1n : low;
}

/** The nearest float32, ties to even; beyond the range an infinity. */
export function nearestFloat32(r: Rational): number {
  if (r.n === 0n) return 0;
  const quantum = Math.max(floorLog2(r), -126) - 23;
  const steps = nearestInteger(scaled(r, -quantum));
  // 2^24 steps of 2^104 are 2^128.
  const [magnitude, sign] = steps < 0n ? [-steps, -1] : [steps, 1];
  if (quantum > 104 || (quantum === 104 && magnitude >= 2n ** 24n)) return sign * Infinity;
  return sign * Number(magnitude) * 2 ** quantum;
}
