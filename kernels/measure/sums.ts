/**
 * What every metric but the entropy is made of. Each sum is filled by all three backends, and by those alone: a metric that
 * needs another one adds it here and in them. Sums are float64 over float32 terms; parts of a tensor, and tensors, add in any
 * order.
 */
export interface Sums {
  /** Finite elements, and the others. */
  count: number;
  nonFinite: number;
  /** Elements whose input is finite and whose result or error is not; no other sum holds them. */
  brokenResults: number;
  /** Sums of x^2, e^2 and |e|. */
  signal: number;
  error: number;
  absError: number;
  maxAbs: number;
  /** Sum of x * result and of result^2. */
  dot: number;
  energy: number;
  saturated: number;
  flushed: number;
}

/** How two parts' sums become the whole's. */
const joins: Record<keyof Sums, (a: number, b: number) => number> = {
  count: plus,
  nonFinite: plus,
  brokenResults: plus,
  signal: plus,
  error: plus,
  absError: plus,
  maxAbs: Math.max,
  dot: plus,
  energy: plus,
  saturated: plus,
  flushed: plus,
};

function plus(a: number, b: number): number {
  return a + b;
}

export const sumNames = Object.keys(joins) as readonly (keyof Sums)[];

const NOTHING = Object.fromEntries(sumNames.map((name) => [name, 0])) as Record<keyof Sums, number>;

export const makeSums = (): Sums => ({ ...NOTHING });

/** The sums alone, of something that holds more. */
export const sumsOf = (from: Readonly<Sums>): Sums =>
  Object.fromEntries(sumNames.map((name) => [name, from[name]])) as Record<keyof Sums, number>;

/** Adds the sums of a part to those of another. */
export function addSums(from: Readonly<Sums>, into: Sums): void {
  for (const name of sumNames) into[name] = joins[name](into[name], from[name]);
}
