/**
 * Functions that engines round differently (log, exp), built from + - * / and square root, which IEEE 754 and ECMAScript
 * define to the last bit. Every engine on every machine gives the same result, which is what sample data needs; the
 * results are within a few units in the last place of the true value.
 */

const bits = new DataView(new ArrayBuffer(8));

/** ln 2 in two parts; the first has trailing zeros, so that its product with an exponent is exact. */
const LN2_HIGH = 0.69314718036912381649;
const LN2_LOW = 1.90821492927058770002e-10;

/** Natural logarithm of a positive, normal, finite number. */
export function ln(x: number): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    exponent++;
  }
  // ln m = 2 atanh(s), with |s| < 0.172: eleven terms reach float64.
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series = 0;
  for (let k = 23; k >= 3; k -= 2) series = (series + 1 / k) * z;
  return exponent * LN2_HIGH + (exponent * LN2_LOW + (2 * s * series + 2 * s));
}

/** e^x for |x| < 700. */
export function exp(x: number): number {
  const n = Math.floor(x / Math.LN2 + 0.5);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  // |r| < 0.35: the Taylor series by Horner's rule, 14 terms.
  let sum = 1;
  for (let k = 14; k >= 1; k--) sum = 1 + (r * sum) / k;
  bits.setUint32(0, (1023 + n) << 20);
  bits.setUint32(4, 0);
  return sum * bits.getFloat64(0);
}

/** Horner's rule, the constant term first. */
function polynomial(x: number, c: readonly number[]): number {
  let sum = c[c.length - 1];
  for (let i = c.length - 2; i >= 0; i--) sum = sum * x + c[i];
  return sum;
}

/**
 * The standard normal quantile of p in (0, 1), relative error about 1e-16.
 * Wichura: "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988), PPND16.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(r, CENTRE_NUMERATOR)) / polynomial(r, CENTRE_DENOMINATOR);
  }
  const r = Math.sqrt(-ln(q < 0 ? p : 1 - p));
  const z =
    r <= 5
      ? polynomial(r - 1.6, MIDDLE_NUMERATOR) / polynomial(r - 1.6, MIDDLE_DENOMINATOR)
      : polynomial(r - 5, FAR_NUMERATOR) / polynomial(r - 5, FAR_DENOMINATOR);
  return q < 0 ? -z : z;
}

const CENTRE_NUMERATOR = [
  3.387132872796366608, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
  4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
];
const CENTRE_DENOMINATOR = [
  1, 4.2313330701600911252e1, 6.871870074920579083e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
  3.930789580009271061e4, 2.8729085735721942674e4, 5.226495278852545925e3,
];
const MIDDLE_NUMERATOR = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  2.4178072517745061177e-1, 2.27238449892691845833e-2, 7.7454501427834140764e-4,
];
const MIDDLE_DENOMINATOR = [
  1, 2.05319162663775882187, 1.6763848301838038494, 6.8976733498510000455e-1, 1.4810397642748007459e-1,
  1.51986665636164571966e-2, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];
const FAR_NUMERATOR = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 2.9656057182850489123e-1,
  2.6532189526576123093e-2, 1.2426609473880784386e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
];
const FAR_DENOMINATOR = [
  1, 5.9983220655588793769e-1, 1.3692988092273580531e-1, 1.48753612908506148525e-2, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
];
