/**
 * What formulas of proxies are made of. The paper counts 56 operations and lists them in a figure; these are those that differ on
 * one array for each layer (EMQ, arXiv 2307.10554, section 3.2).
 */

/** What is known of a layer: weights, the RMS of what enters at each element's channel, gradients, the Hessian's diagonal. */
export const INPUTS = ["W", "A", "G", "H"] as const;
export type Input = (typeof INPUTS)[number];

/** An operation on one value: elements by themselves, an array as one, or an array made a number. */
interface Unary {
  says: string;
  /** Whether the result is one number whatever comes in. */
  reduces: boolean;
  of(x: Float64Array): Float64Array;
}

interface Binary {
  says: string;
  /** Whether the order of the two does not matter. */
  commutes: boolean;
  of(a: number, b: number): number;
}

const each = (says: string, f: (x: number) => number): Unary => ({ says, reduces: false, of: (x) => x.map(f) });
const whole = (says: string, of: (x: Float64Array) => Float64Array): Unary => ({ says, reduces: false, of });
const one = (says: string, f: (x: Float64Array) => number): Unary => ({
  says,
  reduces: true,
  of: (x) => Float64Array.of(f(x)),
});

const sum = (x: Float64Array): number => x.reduce((a, b) => a + b, 0);
const mean = (x: Float64Array): number => sum(x) / x.length;
const variance = (x: Float64Array): number => {
  const m = mean(x);
  return x.reduce((a, b) => a + (b - m) ** 2, 0) / x.length;
};
const rms = (x: Float64Array): number => Math.sqrt(x.reduce((a, b) => a + b * b, 0) / x.length);
const largest = (x: Float64Array): number => x.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
const least = (x: Float64Array): number => x.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const over = (x: Float64Array, by: number): Float64Array => x.map((v) => v / by);

function softmax(x: Float64Array): Float64Array {
  const top = largest(x);
  const powers = x.map((v) => Math.exp(v - top));
  return over(powers, sum(powers));
}

/** By name. There is no plain sum: elements may be sampled ones, and a sum is `mul(size,mean(...))`. */
export const UNARY = {
  neg: each("with the other sign", (x) => -x),
  abs: each("magnitude", Math.abs),
  log: each("natural logarithm", Math.log),
  loga: each("log(1 + |x|)", (x) => Math.log1p(Math.abs(x))),
  exp: each("e to its power", Math.exp),
  sqrt: each("square root", Math.sqrt),
  square: each("square", (x) => x * x),
  cube: each("third power", (x) => x * x * x),
  inv: each("1 over it", (x) => 1 / x),
  sign: each("-1, 0 or 1", Math.sign),
  relu: each("0 where it is negative", (x) => Math.max(x, 0)),
  sigmoid: each("1 / (1 + exp(-x))", (x) => 1 / (1 + Math.exp(-x))),
  tanh: each("hyperbolic tangent", Math.tanh),
  heaviside: each("1 where it is positive, else 0", (x) => (x > 0 ? 1 : 0)),
  softmax: whole("shares that exp(x) has of their sum", softmax),
  logsoftmax: whole("logarithm of softmax", (x) => softmax(x).map(Math.log)),
  unit: whole("over its RMS", (x) => over(x, rms(x))),
  minmax: whole("from 0 to 1 between its least and largest", (x) => {
    const low = least(x);
    return over(
      x.map((v) => v - low),
      largest(x) - low,
    );
  }),
  standard: whole("less its mean, over its deviation", (x) => {
    const m = mean(x);
    return over(
      x.map((v) => v - m),
      Math.sqrt(variance(x)),
    );
  }),
  mean: one("mean of the elements", mean),
  std: one("standard deviation", (x) => Math.sqrt(variance(x))),
  var: one("variance", variance),
  rms: one("root mean square", rms),
  l1: one("mean magnitude", (x) => mean(x.map(Math.abs))),
  max: one("largest", largest),
  min: one("least", least),
  zeros: one("share of zeros", (x) => x.reduce((a, b) => a + (b === 0 ? 1 : 0), 0) / x.length),
} as const satisfies Record<string, Unary>;
export type UnaryName = keyof typeof UNARY;

export const BINARY = {
  add: { says: "sum", commutes: true, of: (a, b) => a + b },
  sub: { says: "difference", commutes: false, of: (a, b) => a - b },
  mul: { says: "product", commutes: true, of: (a, b) => a * b },
  div: { says: "quotient", commutes: false, of: (a, b) => a / b },
  larger: { says: "the larger one", commutes: true, of: Math.max },
  smaller: { says: "the smaller one", commutes: true, of: Math.min },
} as const satisfies Record<string, Binary>;
export type BinaryName = keyof typeof BINARY;

export const UNARY_NAMES = Object.keys(UNARY) as UnaryName[];
export const BINARY_NAMES = Object.keys(BINARY) as BinaryName[];
